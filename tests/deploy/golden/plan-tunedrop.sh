# Deployment tunedrop in project test-project-1. Run from the repository's root.
# About $0 to $1 a month at a hundred datasets, beside the tuning itself, which costs a hundred times more;
# list prices of us-central1, nobody's bill was looked at. Free allowances are the billing account's.

export CLOUDSDK_CORE_DISABLE_PROMPTS=1
# Write the bundles and settings that the commands below read, under build/.
python deploy/tunedrop_deploy.py stage --config deploy/config.toml

# 1. 13 enabled APIs
# Why: Google's services answer only to projects that enabled them.
gcloud services enable aiplatform.googleapis.com artifactregistry.googleapis.com cloudbuild.googleapis.com cloudfunctions.googleapis.com cloudresourcemanager.googleapis.com cloudscheduler.googleapis.com eventarc.googleapis.com iam.googleapis.com logging.googleapis.com monitoring.googleapis.com pubsub.googleapis.com run.googleapis.com storage.googleapis.com --project=test-project-1

# 2. the account that pubsub acts as
# Why: Makes sure that it exists before rights are given to it.
gcloud beta services identity create --service=pubsub.googleapis.com --project=test-project-1

# 3. the account that eventarc acts as
# Why: Makes sure that it exists before rights are given to it.
gcloud beta services identity create --service=eventarc.googleapis.com --project=test-project-1

# 4. the account that cloudscheduler acts as
# Why: Makes sure that it exists before rights are given to it.
gcloud beta services identity create --service=cloudscheduler.googleapis.com --project=test-project-1

# 5. service account tunedrop-validator@test-project-1.iam.gserviceaccount.com
# Why: Runs the two functions that check datasets.
gcloud iam service-accounts create tunedrop-validator '--display-name=tunedrop validator' --project=test-project-1

# 6. service account tunedrop-launcher@test-project-1.iam.gserviceaccount.com
# Why: Runs the function that launches jobs.
gcloud iam service-accounts create tunedrop-launcher '--display-name=tunedrop launcher' --project=test-project-1

# 7. service account tunedrop-status@test-project-1.iam.gserviceaccount.com
# Why: Runs the two functions that follow jobs and carry out decisions.
gcloud iam service-accounts create tunedrop-status '--display-name=tunedrop status' --project=test-project-1

# 8. service account tunedrop-trigger@test-project-1.iam.gserviceaccount.com
# Why: Calls the checking function when an object arrives, and nothing else.
gcloud iam service-accounts create tunedrop-trigger '--display-name=tunedrop trigger' --project=test-project-1

# 9. service account tunedrop-push@test-project-1.iam.gserviceaccount.com
# Why: Calls the four functions that messages are pushed to, and nothing else.
gcloud iam service-accounts create tunedrop-push '--display-name=tunedrop push' --project=test-project-1

# 10. service account tunedrop-build@test-project-1.iam.gserviceaccount.com
# Why: Builds the functions' images, instead of an account that may do far more.
gcloud iam service-accounts create tunedrop-build '--display-name=tunedrop build' --project=test-project-1

# 11. role tunedrop_tunedrop_launcher with 8 permissions
# Why: Creates jobs, looks whether one exists already, and stops one that was cancelled meanwhile.
gcloud iam roles create tunedrop_tunedrop_launcher '--title=tunedrop launcher' --permissions=aiplatform.pipelineJobs.cancel,aiplatform.pipelineJobs.create,aiplatform.pipelineJobs.get,aiplatform.pipelineJobs.list,aiplatform.tuningJobs.cancel,aiplatform.tuningJobs.create,aiplatform.tuningJobs.get,aiplatform.tuningJobs.list --stage=GA --project=test-project-1

# 12. role tunedrop_tunedrop_status with 18 permissions
# Why: Follows and cancels jobs, reads their metrics; labels, serves and calls tuned models.
gcloud iam roles create tunedrop_tunedrop_status '--title=tunedrop status' --permissions=aiplatform.contexts.get,aiplatform.endpoints.create,aiplatform.endpoints.deploy,aiplatform.endpoints.get,aiplatform.endpoints.predict,aiplatform.models.get,aiplatform.models.list,aiplatform.models.update,aiplatform.pipelineJobs.cancel,aiplatform.pipelineJobs.get,aiplatform.pipelineJobs.list,aiplatform.tensorboardExperiments.list,aiplatform.tensorboardRuns.list,aiplatform.tensorboardTimeSeries.batchRead,aiplatform.tensorboardTimeSeries.list,aiplatform.tuningJobs.cancel,aiplatform.tuningJobs.get,aiplatform.tuningJobs.list --stage=GA --project=test-project-1

# 13. role tunedrop_tunedrop_replacer with 2 permissions
# Why: Overwrites and deletes objects where a bucket's policy says so.
gcloud iam roles create tunedrop_tunedrop_replacer '--title=tunedrop replacer' --permissions=storage.objects.create,storage.objects.delete --stage=GA --project=test-project-1

# 14. access rights on project test-project-1
# Why: Jobs, models, event reception and builds have no smaller place to be allowed in.
STORAGE_AGENT="$(gcloud storage service-agent --project=test-project-1)"
PROJECT_NUMBER="$(gcloud projects describe test-project-1 '--format=value(projectNumber)')"
gcloud projects add-iam-policy-binding test-project-1 --member=serviceAccount:tunedrop-launcher@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_tunedrop_launcher --condition=None
gcloud projects add-iam-policy-binding test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_tunedrop_status --condition=None
gcloud projects add-iam-policy-binding test-project-1 --member=serviceAccount:tunedrop-trigger@test-project-1.iam.gserviceaccount.com --role=roles/eventarc.eventReceiver --condition=None
gcloud projects add-iam-policy-binding test-project-1 --member=serviceAccount:tunedrop-build@test-project-1.iam.gserviceaccount.com --role=roles/logging.logWriter --condition=None
gcloud projects add-iam-policy-binding test-project-1 --member=serviceAccount:tunedrop-build@test-project-1.iam.gserviceaccount.com --role=roles/artifactregistry.writer --condition=None
gcloud projects add-iam-policy-binding test-project-1 --member=serviceAccount:tunedrop-build@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud projects add-iam-policy-binding test-project-1 "--member=serviceAccount:${STORAGE_AGENT}" --role=roles/pubsub.publisher --condition=None
gcloud projects add-iam-policy-binding test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.serviceAgent --condition=None
gcloud projects add-iam-policy-binding test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-eventarc.iam.gserviceaccount.com" --role=roles/eventarc.serviceAgent --condition=None
gcloud projects add-iam-policy-binding test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-cloudscheduler.iam.gserviceaccount.com" --role=roles/cloudscheduler.serviceAgent --condition=None

# 15. bucket gs://test-project-1-tunedrop-intake: datasets, recipes and evaluation files that people drop
# Why: People drop datasets here; the functions only read it, since a system that feeds itself is a bill.
# Costs: about $0.02 per GB kept
gcloud storage buckets create gs://test-project-1-tunedrop-intake --location=us-central1 --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=7d --project=test-project-1
gcloud storage buckets update gs://test-project-1-tunedrop-intake --update-labels=tunedrop-deployment=tunedrop --project=test-project-1

# 16. bucket gs://test-project-1-tunedrop-work: staged datasets, line maps, evidence of what models answered, pipelines' output
# Why: Jobs read exactly the bytes that were checked, under names that are their hashes.
# Costs: about $0.02 per GB kept
gcloud storage buckets create gs://test-project-1-tunedrop-work --location=us-central1 --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=0 --lifecycle-file=build/deploy/work-lifecycle.json --project=test-project-1
gcloud storage buckets update gs://test-project-1-tunedrop-work --update-labels=tunedrop-deployment=tunedrop --project=test-project-1

# 17. bucket gs://test-project-1-tunedrop-ledger: every record that matters, created once and never changed
# Why: Every decision can be read a year later; nobody may overwrite or delete one.
# Costs: about $0.02 per GB kept
gcloud storage buckets create gs://test-project-1-tunedrop-ledger --location=us-central1 --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=90d --retention-period=34560000s --project=test-project-1
gcloud storage buckets update gs://test-project-1-tunedrop-ledger --update-labels=tunedrop-deployment=tunedrop --project=test-project-1

# 18. bucket gs://test-project-1-tunedrop-state: marks of open runs and the queue, which can be rebuilt from the ledger, and the pause switch
# Why: Tells the functions quickly which runs are open.
# Costs: about $0.02 per GB kept
gcloud storage buckets create gs://test-project-1-tunedrop-state --location=us-central1 --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=0 --project=test-project-1
gcloud storage buckets update gs://test-project-1-tunedrop-state --update-labels=tunedrop-deployment=tunedrop --project=test-project-1

# 19. bucket gs://test-project-1-tunedrop-reports: a page for each drop and each run, their index, and notes of what it has yet to list
# Why: People find a page for each drop and each run at addresses that can be predicted.
# Costs: about $0.02 per GB kept
gcloud storage buckets create gs://test-project-1-tunedrop-reports --location=us-central1 --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=7d --project=test-project-1
gcloud storage buckets update gs://test-project-1-tunedrop-reports --update-labels=tunedrop-deployment=tunedrop --project=test-project-1

# 20. access rights on bucket gs://test-project-1-tunedrop-intake
# Why: Only those whom the table of buckets names, and the project's owners, reach datasets, recipes and evaluation files that people drop.
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-intake --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyBucketOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-intake --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyObjectOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-intake --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyBucketReader --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-intake --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyObjectReader --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-intake --project=test-project-1 --member=serviceAccount:tunedrop-validator@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-intake --project=test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None

# 21. access rights on bucket gs://test-project-1-tunedrop-work
# Why: Only those whom the table of buckets names, and the project's owners, reach staged datasets, line maps, evidence of what models answered, pipelines' output.
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-work --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyBucketOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-work --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyObjectOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-work --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyBucketReader --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-work --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyObjectReader --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-work --project=test-project-1 --member=serviceAccount:tunedrop-validator@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-work --project=test-project-1 --member=serviceAccount:tunedrop-launcher@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-work --project=test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-work --project=test-project-1 --member=serviceAccount:tunedrop-validator@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectCreator '--condition=expression=resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-work/objects/staged/"),title=in staged'
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-work --project=test-project-1 --member=serviceAccount:tunedrop-validator@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_tunedrop_replacer '--condition=expression=resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-work/objects/incoming/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-work/objects/line-maps/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-work/objects/holdout/"),title=in incoming line-maps holdout'
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-work --project=test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_tunedrop_replacer '--condition=expression=resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-work/objects/evidence/"),title=in evidence'

# 22. access rights on bucket gs://test-project-1-tunedrop-ledger
# Why: Only those whom the table of buckets names, and the project's owners, reach every record that matters, created once and never changed.
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-ledger --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyBucketOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-ledger --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyObjectOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-ledger --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyBucketReader --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-ledger --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyObjectReader --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-ledger --project=test-project-1 --member=serviceAccount:tunedrop-validator@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-ledger --project=test-project-1 --member=serviceAccount:tunedrop-launcher@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-ledger --project=test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-ledger --project=test-project-1 --member=serviceAccount:tunedrop-validator@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectCreator '--condition=expression=resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/drops/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/verdicts/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/messages/"),title=in drops verdicts messages'
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-ledger --project=test-project-1 --member=serviceAccount:tunedrop-launcher@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectCreator '--condition=expression=resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/runs/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/askers/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/starts/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/slots/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/budget/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/messages/"),title=in runs askers starts slots budget messages'
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-ledger --project=test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectCreator '--condition=expression=resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/runs/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/cancels/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/slots/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/registry/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/champions/") || resource.name.startsWith("projects/_/buckets/test-project-1-tunedrop-ledger/objects/messages/"),title=in runs cancels slots registry champions messages'

# 23. access rights on bucket gs://test-project-1-tunedrop-state
# Why: Only those whom the table of buckets names, and the project's owners, reach marks of open runs and the queue, which can be rebuilt from the ledger, and the pause switch.
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-state --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyBucketOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-state --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyObjectOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-state --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyBucketReader --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-state --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyObjectReader --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-state --project=test-project-1 --member=serviceAccount:tunedrop-launcher@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-state --project=test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-state --project=test-project-1 --member=serviceAccount:tunedrop-launcher@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_tunedrop_replacer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-state --project=test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_tunedrop_replacer --condition=None

# 24. access rights on bucket gs://test-project-1-tunedrop-reports
# Why: Only those whom the table of buckets names, and the project's owners, reach a page for each drop and each run, their index, and notes of what it has yet to list.
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-reports --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyBucketOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-reports --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyObjectOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-reports --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyBucketReader --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-tunedrop-reports --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyObjectReader --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-reports --project=test-project-1 --member=serviceAccount:tunedrop-validator@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-reports --project=test-project-1 --member=serviceAccount:tunedrop-launcher@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-reports --project=test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-reports --project=test-project-1 --member=serviceAccount:tunedrop-validator@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_tunedrop_replacer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-reports --project=test-project-1 --member=serviceAccount:tunedrop-launcher@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_tunedrop_replacer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-tunedrop-reports --project=test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_tunedrop_replacer --condition=None

# 25. topic tunedrop-requests: tuning requests of other systems, and drops to look at again
# Why: Carries tuning requests of other systems, and drops to look at again, to the function requests.
# Costs: free up to 10 GB of messages
gcloud pubsub topics create tunedrop-requests --labels=tunedrop-deployment=tunedrop --project=test-project-1

# 26. topic tunedrop-launches: runs to launch
# Why: Carries runs to launch, to the function launches.
# Costs: free up to 10 GB of messages
gcloud pubsub topics create tunedrop-launches --labels=tunedrop-deployment=tunedrop --project=test-project-1

# 27. topic tunedrop-job-events: job log entries, and the ticks that have open runs looked after
# Why: Carries job log entries, and the ticks that have open runs looked after, to the function job-events.
# Costs: free up to 10 GB of messages
gcloud pubsub topics create tunedrop-job-events --labels=tunedrop-deployment=tunedrop --project=test-project-1

# 28. topic tunedrop-control: operators' decisions
# Why: Carries operators' decisions, to the function control.
# Costs: free up to 10 GB of messages
gcloud pubsub topics create tunedrop-control --labels=tunedrop-deployment=tunedrop --project=test-project-1

# 29. topic tunedrop-events: what happened, for anyone who wants to know
# Why: Carries what happened, for anyone who wants to know, to anyone.
# Costs: free up to 10 GB of messages
gcloud pubsub topics create tunedrop-events --labels=tunedrop-deployment=tunedrop --project=test-project-1

# 30. topic tunedrop-dead-letters: messages that could not be delivered
# Why: A message that fails for hours is kept for a person instead of being lost.
# Costs: free up to 10 GB of messages
gcloud pubsub topics create tunedrop-dead-letters --labels=tunedrop-deployment=tunedrop --project=test-project-1

# 31. subscription tunedrop-dead-letters-pull
# Why: Without a subscription of its own a dead-letter topic loses everything; it never expires.
gcloud pubsub subscriptions create tunedrop-dead-letters-pull --topic=tunedrop-dead-letters --ack-deadline=600 --expiration-period=never --message-retention-duration=31d --labels=tunedrop-deployment=tunedrop --project=test-project-1

# 32. log sink tunedrop-job-events
# Why: Tells within seconds that a pipeline job has ended, instead of at the next tick.
gcloud logging sinks create tunedrop-job-events pubsub.googleapis.com/projects/test-project-1/topics/tunedrop-job-events '--log-filter=resource.type="aiplatform.googleapis.com/PipelineJob" AND logName="projects/test-project-1/logs/aiplatform.googleapis.com%2Fpipeline_job_events" AND jsonPayload.state=("PIPELINE_STATE_SUCCEEDED" OR "PIPELINE_STATE_FAILED" OR "PIPELINE_STATE_CANCELLED")' '--description=Ends of pipeline jobs, for tunedrop' --project=test-project-1

# 33. log-based metric tunedrop-accepted
# Why: Counts for the dashboard and the alerts: Drops that became a run.
gcloud logging metrics create tunedrop-accepted --config-from-file=build/deploy/observability/metrics/accepted.json --project=test-project-1

# 34. log-based metric tunedrop-bugs
# Why: Counts for the dashboard and the alerts: Faults of tunedrop's own, by what arrived.
gcloud logging metrics create tunedrop-bugs --config-from-file=build/deploy/observability/metrics/bugs.json --project=test-project-1

# 35. log-based metric tunedrop-denied
# Why: Counts for the dashboard and the alerts: Whatever failed for want of a permission or of usable settings, by code.
gcloud logging metrics create tunedrop-denied --config-from-file=build/deploy/observability/metrics/denied.json --project=test-project-1

# 36. log-based metric tunedrop-endings
# Why: Counts for the dashboard and the alerts: Runs that ended, by state.
gcloud logging metrics create tunedrop-endings --config-from-file=build/deploy/observability/metrics/endings.json --project=test-project-1

# 37. log-based metric tunedrop-fenced
# Why: Counts for the dashboard and the alerts: Steps that another worker took first, so that nothing was written.
gcloud logging metrics create tunedrop-fenced --config-from-file=build/deploy/observability/metrics/fenced.json --project=test-project-1

# 38. log-based metric tunedrop-launched
# Why: Counts for the dashboard and the alerts: Jobs that were created or adopted for a run.
gcloud logging metrics create tunedrop-launched --config-from-file=build/deploy/observability/metrics/launched.json --project=test-project-1

# 39. log-based metric tunedrop-refused
# Why: Counts for the dashboard and the alerts: Deliveries that were at fault themselves and were recorded, by what arrived and code.
gcloud logging metrics create tunedrop-refused --config-from-file=build/deploy/observability/metrics/refused.json --project=test-project-1

# 40. log-based metric tunedrop-rejected
# Why: Counts for the dashboard and the alerts: Datasets and recipes that were rejected, by reason.
gcloud logging metrics create tunedrop-rejected --config-from-file=build/deploy/observability/metrics/rejected.json --project=test-project-1

# 41. log-based metric tunedrop-retries
# Why: Counts for the dashboard and the alerts: Deliveries that were asked for again, by what arrived and code.
gcloud logging metrics create tunedrop-retries --config-from-file=build/deploy/observability/metrics/retries.json --project=test-project-1

# 42. log-based metric tunedrop-suppressed
# Why: Counts for the dashboard and the alerts: Repeats that found the work done and did nothing, by code.
gcloud logging metrics create tunedrop-suppressed --config-from-file=build/deploy/observability/metrics/suppressed.json --project=test-project-1

# 43. log-based metric tunedrop-swept
# Why: Counts for the dashboard and the alerts: Ticks that had open runs looked after: the heartbeat.
gcloud logging metrics create tunedrop-swept --config-from-file=build/deploy/observability/metrics/swept.json --project=test-project-1

# 44. log-based metric tunedrop-unexplained
# Why: Counts for the dashboard and the alerts: Errors of jobs that tunedrop has no words for: each deserves an entry in job_errors.toml.
gcloud logging metrics create tunedrop-unexplained --config-from-file=build/deploy/observability/metrics/unexplained.json --project=test-project-1

# 45. access rights on topic tunedrop-requests
# Why: A receiver is not told who published, so only those whom the table names may.
gcloud pubsub topics add-iam-policy-binding tunedrop-requests --project=test-project-1 --member=serviceAccount:tunedrop-validator@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding tunedrop-requests --project=test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher

# 46. access rights on topic tunedrop-launches
# Why: A receiver is not told who published, so only those whom the table names may.
gcloud pubsub topics add-iam-policy-binding tunedrop-launches --project=test-project-1 --member=serviceAccount:tunedrop-validator@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding tunedrop-launches --project=test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher

# 47. access rights on topic tunedrop-job-events
# Why: A receiver is not told who published, so only those whom the table names may.
SINK_WRITER="$(gcloud logging sinks describe tunedrop-job-events --project=test-project-1 '--format=value(writerIdentity)')"
gcloud pubsub topics add-iam-policy-binding tunedrop-job-events --project=test-project-1 "--member=${SINK_WRITER}" --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding tunedrop-job-events --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-cloudscheduler.iam.gserviceaccount.com" --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding tunedrop-job-events --project=test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher

# 49. access rights on topic tunedrop-events
# Why: A receiver is not told who published, so only those whom the table names may.
gcloud pubsub topics add-iam-policy-binding tunedrop-events --project=test-project-1 --member=serviceAccount:tunedrop-validator@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding tunedrop-events --project=test-project-1 --member=serviceAccount:tunedrop-launcher@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding tunedrop-events --project=test-project-1 --member=serviceAccount:tunedrop-status@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher

# 50. access rights on topic tunedrop-dead-letters
# Why: A receiver is not told who published, so only those whom the table names may.
gcloud pubsub topics add-iam-policy-binding tunedrop-dead-letters --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.publisher

# 52. function tunedrop-finalized
# Why: Checks every new object of the intake bucket and writes its verdict.
# Costs: free up to 2 million calls, 180,000 vCPU-seconds and 360,000 GiB-seconds of the billing account
gcloud functions deploy tunedrop-finalized --gen2 --region=us-central1 --project=test-project-1 --runtime=python312 --source=build/validator --entry-point=on_finalized --trigger-event-filters=type=google.cloud.storage.object.v1.finalized --trigger-event-filters=bucket=test-project-1-tunedrop-intake --trigger-location=us-central1 --trigger-service-account=tunedrop-trigger@test-project-1.iam.gserviceaccount.com --retry --run-service-account=tunedrop-validator@test-project-1.iam.gserviceaccount.com --build-service-account=projects/test-project-1/serviceAccounts/tunedrop-build@test-project-1.iam.gserviceaccount.com --no-allow-unauthenticated --ingress-settings=internal-only --memory=1Gi --cpu=1 --concurrency=1 --timeout=540s --max-instances=5 --env-vars-file=build/deploy/environment.yaml --clear-secrets --update-labels=tunedrop-deployment=tunedrop,tunedrop-source=DIGEST

# 53. function tunedrop-requests
# Why: Checks the datasets that other systems name in messages.
# Costs: free up to 2 million calls, 180,000 vCPU-seconds and 360,000 GiB-seconds of the billing account
gcloud functions deploy tunedrop-requests --gen2 --region=us-central1 --project=test-project-1 --runtime=python312 --source=build/validator --entry-point=on_request --trigger-http --run-service-account=tunedrop-validator@test-project-1.iam.gserviceaccount.com --build-service-account=projects/test-project-1/serviceAccounts/tunedrop-build@test-project-1.iam.gserviceaccount.com --no-allow-unauthenticated --ingress-settings=internal-only --memory=1Gi --cpu=1 --concurrency=1 --timeout=540s --max-instances=5 --env-vars-file=build/deploy/environment.yaml --clear-secrets --update-labels=tunedrop-deployment=tunedrop,tunedrop-source=DIGEST

# 54. function tunedrop-launches
# Why: Launches one job for an accepted dataset.
# Costs: free up to 2 million calls, 180,000 vCPU-seconds and 360,000 GiB-seconds of the billing account
gcloud functions deploy tunedrop-launches --gen2 --region=us-central1 --project=test-project-1 --runtime=python312 --source=build/launcher --entry-point=on_launch --trigger-http --run-service-account=tunedrop-launcher@test-project-1.iam.gserviceaccount.com --build-service-account=projects/test-project-1/serviceAccounts/tunedrop-build@test-project-1.iam.gserviceaccount.com --no-allow-unauthenticated --ingress-settings=internal-only --memory=1Gi --cpu=1 --concurrency=4 --timeout=540s --max-instances=5 --env-vars-file=build/deploy/environment.yaml --clear-secrets --update-labels=tunedrop-deployment=tunedrop,tunedrop-source=DIGEST

# 55. function tunedrop-job-events
# Why: Follows jobs to their end, registers and calls the tuned model.
# Costs: free up to 2 million calls, 180,000 vCPU-seconds and 360,000 GiB-seconds of the billing account
gcloud functions deploy tunedrop-job-events --gen2 --region=us-central1 --project=test-project-1 --runtime=python312 --source=build/status --entry-point=on_job_event --trigger-http --run-service-account=tunedrop-status@test-project-1.iam.gserviceaccount.com --build-service-account=projects/test-project-1/serviceAccounts/tunedrop-build@test-project-1.iam.gserviceaccount.com --no-allow-unauthenticated --ingress-settings=internal-only --memory=1Gi --cpu=1 --concurrency=4 --timeout=540s --max-instances=5 --env-vars-file=build/deploy/environment.yaml --clear-secrets --update-labels=tunedrop-deployment=tunedrop,tunedrop-source=DIGEST

# 56. function tunedrop-control
# Why: Carries out what operators decide.
# Costs: free up to 2 million calls, 180,000 vCPU-seconds and 360,000 GiB-seconds of the billing account
gcloud functions deploy tunedrop-control --gen2 --region=us-central1 --project=test-project-1 --runtime=python312 --source=build/status --entry-point=on_control --trigger-http --run-service-account=tunedrop-status@test-project-1.iam.gserviceaccount.com --build-service-account=projects/test-project-1/serviceAccounts/tunedrop-build@test-project-1.iam.gserviceaccount.com --no-allow-unauthenticated --ingress-settings=internal-only --memory=1Gi --cpu=1 --concurrency=4 --timeout=540s --max-instances=5 --env-vars-file=build/deploy/environment.yaml --clear-secrets --update-labels=tunedrop-deployment=tunedrop,tunedrop-source=DIGEST

# 57. access rights on service tunedrop-finalized
# Why: Only tunedrop-trigger can call the function.
gcloud run services add-iam-policy-binding tunedrop-finalized --region=us-central1 --project=test-project-1 --member=serviceAccount:tunedrop-trigger@test-project-1.iam.gserviceaccount.com --role=roles/run.invoker

# 58. access rights on service tunedrop-requests
# Why: Only tunedrop-push can call the function.
gcloud run services add-iam-policy-binding tunedrop-requests --region=us-central1 --project=test-project-1 --member=serviceAccount:tunedrop-push@test-project-1.iam.gserviceaccount.com --role=roles/run.invoker

# 59. access rights on service tunedrop-launches
# Why: Only tunedrop-push can call the function.
gcloud run services add-iam-policy-binding tunedrop-launches --region=us-central1 --project=test-project-1 --member=serviceAccount:tunedrop-push@test-project-1.iam.gserviceaccount.com --role=roles/run.invoker

# 60. access rights on service tunedrop-job-events
# Why: Only tunedrop-push can call the function.
gcloud run services add-iam-policy-binding tunedrop-job-events --region=us-central1 --project=test-project-1 --member=serviceAccount:tunedrop-push@test-project-1.iam.gserviceaccount.com --role=roles/run.invoker

# 61. access rights on service tunedrop-control
# Why: Only tunedrop-push can call the function.
gcloud run services add-iam-policy-binding tunedrop-control --region=us-central1 --project=test-project-1 --member=serviceAccount:tunedrop-push@test-project-1.iam.gserviceaccount.com --role=roles/run.invoker

# 62. settings of the subscription behind the intake bucket's trigger
# Why: As made with the trigger it may wait 10 s for an answer, drops events after a day and keeps none.
FINALIZED_TRIGGER="$(gcloud functions describe tunedrop-finalized --gen2 --region=us-central1 --project=test-project-1 '--format=value(eventTrigger.trigger)')"
FINALIZED_SUBSCRIPTION="$(gcloud eventarc triggers describe "${FINALIZED_TRIGGER}" --location=us-central1 --project=test-project-1 '--format=value(transport.pubsub.subscription)')"
gcloud pubsub subscriptions update "${FINALIZED_SUBSCRIPTION}" --ack-deadline=600 --message-retention-duration=7d --expiration-period=never --min-retry-delay=10s --max-retry-delay=600s --dead-letter-topic=projects/test-project-1/topics/tunedrop-dead-letters --max-delivery-attempts=30 --project=test-project-1

# 63. subscription tunedrop-requests
# Why: Pushes requests to the function, repeats what fails, keeps what goes on failing.
REQUESTS_URL="$(gcloud functions describe tunedrop-requests --gen2 --region=us-central1 --project=test-project-1 '--format=value(serviceConfig.uri)')"
gcloud pubsub subscriptions create tunedrop-requests --topic=tunedrop-requests "--push-endpoint=${REQUESTS_URL}/projects/test-project-1/topics/tunedrop-requests?pubsub_trigger=true" --push-auth-service-account=tunedrop-push@test-project-1.iam.gserviceaccount.com "--push-auth-token-audience=${REQUESTS_URL}" --ack-deadline=600 --message-retention-duration=7d --expiration-period=never --min-retry-delay=10s --max-retry-delay=600s --dead-letter-topic=projects/test-project-1/topics/tunedrop-dead-letters --max-delivery-attempts=30 --labels=tunedrop-deployment=tunedrop --project=test-project-1

# 64. subscription tunedrop-launches
# Why: Pushes launches to the function, repeats what fails, keeps what goes on failing.
LAUNCHES_URL="$(gcloud functions describe tunedrop-launches --gen2 --region=us-central1 --project=test-project-1 '--format=value(serviceConfig.uri)')"
gcloud pubsub subscriptions create tunedrop-launches --topic=tunedrop-launches "--push-endpoint=${LAUNCHES_URL}/projects/test-project-1/topics/tunedrop-launches?pubsub_trigger=true" --push-auth-service-account=tunedrop-push@test-project-1.iam.gserviceaccount.com "--push-auth-token-audience=${LAUNCHES_URL}" --ack-deadline=600 --message-retention-duration=7d --expiration-period=never --min-retry-delay=10s --max-retry-delay=600s --dead-letter-topic=projects/test-project-1/topics/tunedrop-dead-letters --max-delivery-attempts=30 --labels=tunedrop-deployment=tunedrop --project=test-project-1

# 65. subscription tunedrop-job-events
# Why: Pushes job-events to the function, repeats what fails, keeps what goes on failing.
JOB_EVENTS_URL="$(gcloud functions describe tunedrop-job-events --gen2 --region=us-central1 --project=test-project-1 '--format=value(serviceConfig.uri)')"
gcloud pubsub subscriptions create tunedrop-job-events --topic=tunedrop-job-events "--push-endpoint=${JOB_EVENTS_URL}/projects/test-project-1/topics/tunedrop-job-events?pubsub_trigger=true" --push-auth-service-account=tunedrop-push@test-project-1.iam.gserviceaccount.com "--push-auth-token-audience=${JOB_EVENTS_URL}" --ack-deadline=600 --message-retention-duration=7d --expiration-period=never --min-retry-delay=10s --max-retry-delay=600s --dead-letter-topic=projects/test-project-1/topics/tunedrop-dead-letters --max-delivery-attempts=30 --labels=tunedrop-deployment=tunedrop --project=test-project-1

# 66. subscription tunedrop-control
# Why: Pushes control to the function, repeats what fails, keeps what goes on failing.
CONTROL_URL="$(gcloud functions describe tunedrop-control --gen2 --region=us-central1 --project=test-project-1 '--format=value(serviceConfig.uri)')"
gcloud pubsub subscriptions create tunedrop-control --topic=tunedrop-control "--push-endpoint=${CONTROL_URL}/projects/test-project-1/topics/tunedrop-control?pubsub_trigger=true" --push-auth-service-account=tunedrop-push@test-project-1.iam.gserviceaccount.com "--push-auth-token-audience=${CONTROL_URL}" --ack-deadline=600 --message-retention-duration=7d --expiration-period=never --min-retry-delay=10s --max-retry-delay=600s --dead-letter-topic=projects/test-project-1/topics/tunedrop-dead-letters --max-delivery-attempts=30 --labels=tunedrop-deployment=tunedrop --project=test-project-1

# 67. access rights on the trigger's subscription
# Why: Without it nothing ever reaches the dead letters.
gcloud pubsub subscriptions add-iam-policy-binding "${FINALIZED_SUBSCRIPTION}" --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.subscriber

# 68. access rights on subscription tunedrop-requests
# Why: Without it nothing ever reaches the dead letters.
gcloud pubsub subscriptions add-iam-policy-binding tunedrop-requests --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.subscriber

# 69. access rights on subscription tunedrop-launches
# Why: Without it nothing ever reaches the dead letters.
gcloud pubsub subscriptions add-iam-policy-binding tunedrop-launches --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.subscriber

# 70. access rights on subscription tunedrop-job-events
# Why: Without it nothing ever reaches the dead letters.
gcloud pubsub subscriptions add-iam-policy-binding tunedrop-job-events --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.subscriber

# 71. access rights on subscription tunedrop-control
# Why: Without it nothing ever reaches the dead letters.
gcloud pubsub subscriptions add-iam-policy-binding tunedrop-control --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.subscriber

# 72. scheduler job tunedrop-sweep, every 5 minutes
# Why: Tuning jobs announce nothing; every open run is looked after at each tick.
# Costs: free up to 3 jobs of the billing account, then $0.10
gcloud scheduler jobs create pubsub tunedrop-sweep '--schedule=*/5 * * * *' --topic=projects/test-project-1/topics/tunedrop-job-events '--message-body={"schema_version":1,"kind":"sweep"}' --time-zone=Etc/UTC --max-retry-attempts=3 --location=us-central1 --project=test-project-1

# 73. dashboard tunedrop-tunedrop
# Why: Shows on one page what arrives, what becomes of it, and what stands in its way.
gcloud monitoring dashboards create --config-from-file=build/deploy/observability/dashboard.json --project=test-project-1

# 74. alert policy 'tunedrop tunedrop: messages wait for more than 15 minutes'
# Why: A message has waited for more than 15 minutes, so drops are not checked, runs not launched or jobs not followed.
# Costs: $0.10 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/backlog.json --project=test-project-1

# 75. alert policy 'tunedrop tunedrop: tunedrop itself is at fault'
# Why: Something happened that tunedrop does not expect; the delivery is asked for again, or the run is looked at again at the next tick.
# Costs: $0.10 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/bugs.json --project=test-project-1

# 76. alert policy 'tunedrop tunedrop: messages lie in the dead letters'
# Why: Messages failed for hours, were given up, and wait in the dead letters for a month.
# Costs: $0.10 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/dead-letters.json --project=test-project-1

# 77. alert policy 'tunedrop tunedrop: a permission or a setting is missing'
# Why: A function may not do what it must, or its settings cannot be used; everything that it is asked for waits until somebody mends that.
# Costs: $0.10 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/denied.json --project=test-project-1

# 78. alert policy 'tunedrop tunedrop: a function fails more than one delivery in five'
# Why: More than a fifth of a function's deliveries were answered with an error for 15 minutes; each of them comes again.
# Costs: $0.10 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/errors.json --project=test-project-1

# 79. alert policy 'tunedrop tunedrop: nobody looks after open runs'
# Why: The tick that has open runs looked after has not got through for 30 minutes, so nobody follows tuning jobs to their end.
# Costs: $0.20 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/heartbeat.json --project=test-project-1

# 80. alert policy 'tunedrop tunedrop: job log entries are not passed on'
# Why: The log sink cannot publish, so ends of pipeline jobs are only noticed at the next tick.
# Costs: $0.10 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/sink.json --project=test-project-1
