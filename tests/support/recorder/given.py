"""What a project has before the deploy tool comes: accounts, keys, buckets and values that people made.

Knows configurations of the deploy tool; makes nothing that the tool makes.
"""

from support.recorder import iam, kms, storage


def give(recorder, config):
    """Put what a configuration takes for granted into the recorder's state."""
    world = recorder.world
    accounts = dict.fromkeys((config.tuning_service_account, *config.allowed_service_accounts))
    for email in filter(None, accounts):
        iam.new_account(world, email)
    for key in {config.kms_key, *config.allowed_encryption_keys} - {""}:
        kms.new_key(world, key)
    for bucket in config.dataset_buckets:
        storage.new_bucket(world, bucket, {"location": config.bucket_location})
    channel = config.notification_channel
    if channel:
        made = {"name": channel, "type": "email", "enabled": True}
        recorder.state["monitoring"][channel] = made


def give_secret(recorder, name, text="https://hooks.example.com/x"):
    """Add a version to a secret, as a person does at a terminal."""
    full = f"projects/{recorder.world.project}/secrets/{name}"
    version = f"{full}/versions/1"
    recorder.state["secretmanager"][version] = {
        "name": version,
        "state": "ENABLED",
        "payload": {"data": text},
    }
