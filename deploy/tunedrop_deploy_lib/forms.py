"""What names and addresses of Google Cloud look like, as expressions that describe a whole text.

Knows forms; knows no field.
"""

REGION = r"[a-z]+(-[a-z]+)+[0-9]+"
BUCKET = r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]"
KEY = r"projects/[^/,]+/locations/[a-z0-9-]+/keyRings/[^/,]+/cryptoKeys/[^/,]+"
TENSORBOARD = r"projects/[^/,\s]+/locations/[a-z0-9-]+/tensorboards/[0-9]+"
CHANNEL = r"projects/[^/\s,]+/notificationChannels/[0-9]+"
ACCOUNT = r"[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com"
MEMBER = r"(user|group|serviceAccount):[^\s,@]+@[^\s,@]+|domain:[^\s,@]+"
PLAIN = r"[^\s,#]+"
