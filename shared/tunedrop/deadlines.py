"""Every lease and deadline that the launch protocol stands on, in seconds, in one place and in one order.

Imports nothing, since the deploy tool reads it before anything is installed.

A handler stops starting side effects before the platform gives up its request, which happens before the
message is delivered again, which happens before another worker may take over an intent.
"""

CALL_TIMEOUT_SECONDS = 30
"""For one call to a service that may be repeated."""
CREATE_TIMEOUT_SECONDS = 60
"""For the one call that must not be repeated blindly."""
HANDLER_DEADLINE_SECONDS = 480
"""When a handler stops starting side effects."""
REQUEST_TIMEOUT_SECONDS = 540
"""When the platform gives up a function's request; the most that event-driven functions may have."""
ACK_DEADLINE_SECONDS = 600
"""When an unacknowledged message is delivered again; the most that Pub/Sub allows."""
CLOCK_SKEW_SECONDS = 60
"""How far a worker's clock may be from the true time, either way."""
LEASE_SECONDS = 660
"""How long a launch intent keeps others away: a handler's time, one create call, and two skewed clocks."""
LIST_LAG_SECONDS = 90
"""How long a created job may stay unseen in a list. Undocumented; as of 2026-11-23."""
SWEEP_PERIOD_SECONDS = 300
"""How often every open run is looked after; an older tick has been overtaken by the next."""
