# Deployment dev in project test-project-1. Run from the repository's root.
# About $0 to $1 a month at a hundred datasets, beside the tuning itself, which costs a hundred times more;
# list prices of us-central1, nobody's bill was looked at. Free allowances are the billing account's.

export CLOUDSDK_CORE_DISABLE_PROMPTS=1
# Write the bundles and settings that the commands below read, under build/.
python deploy/tunedrop_deploy.py stage --config deploy/config.toml

# 1. 16 enabled APIs
# Why: Google's services answer only to projects that enabled them.
gcloud services enable aiplatform.googleapis.com artifactregistry.googleapis.com billingbudgets.googleapis.com cloudbuild.googleapis.com cloudfunctions.googleapis.com cloudkms.googleapis.com cloudresourcemanager.googleapis.com cloudscheduler.googleapis.com eventarc.googleapis.com iam.googleapis.com logging.googleapis.com monitoring.googleapis.com pubsub.googleapis.com run.googleapis.com secretmanager.googleapis.com storage.googleapis.com --project=test-project-1

# 2. the account that pubsub acts as
# Why: Makes sure that it exists before rights are given to it.
gcloud beta services identity create --service=pubsub.googleapis.com --project=test-project-1

# 3. the account that eventarc acts as
# Why: Makes sure that it exists before rights are given to it.
gcloud beta services identity create --service=eventarc.googleapis.com --project=test-project-1

# 4. the account that cloudscheduler acts as
# Why: Makes sure that it exists before rights are given to it.
gcloud beta services identity create --service=cloudscheduler.googleapis.com --project=test-project-1

# 5. the account that aiplatform acts as
# Why: Makes sure that it exists before rights are given to it.
gcloud beta services identity create --service=aiplatform.googleapis.com --project=test-project-1

# 6. service account dev-validator@test-project-1.iam.gserviceaccount.com
# Why: Runs the two functions that check datasets.
gcloud iam service-accounts create dev-validator '--display-name=dev validator' --project=test-project-1

# 7. service account dev-launcher@test-project-1.iam.gserviceaccount.com
# Why: Runs the function that launches jobs.
gcloud iam service-accounts create dev-launcher '--display-name=dev launcher' --project=test-project-1

# 8. service account dev-status@test-project-1.iam.gserviceaccount.com
# Why: Runs the two functions that follow jobs and carry out decisions.
gcloud iam service-accounts create dev-status '--display-name=dev status' --project=test-project-1

# 9. service account dev-trigger@test-project-1.iam.gserviceaccount.com
# Why: Calls the checking function when an object arrives, and nothing else.
gcloud iam service-accounts create dev-trigger '--display-name=dev trigger' --project=test-project-1

# 10. service account dev-push@test-project-1.iam.gserviceaccount.com
# Why: Calls the four functions that messages are pushed to, and nothing else.
gcloud iam service-accounts create dev-push '--display-name=dev push' --project=test-project-1

# 11. service account dev-build@test-project-1.iam.gserviceaccount.com
# Why: Builds the functions' images, instead of an account that may do far more.
gcloud iam service-accounts create dev-build '--display-name=dev build' --project=test-project-1

# 12. role tunedrop_dev_launcher with 8 permissions
# Why: Creates jobs, looks whether one exists already, and stops one that was cancelled meanwhile.
gcloud iam roles create tunedrop_dev_launcher '--title=dev launcher' --permissions=aiplatform.pipelineJobs.cancel,aiplatform.pipelineJobs.create,aiplatform.pipelineJobs.get,aiplatform.pipelineJobs.list,aiplatform.tuningJobs.cancel,aiplatform.tuningJobs.create,aiplatform.tuningJobs.get,aiplatform.tuningJobs.list --stage=GA --project=test-project-1

# 13. role tunedrop_dev_status with 18 permissions
# Why: Follows and cancels jobs, reads their metrics; labels, serves and calls tuned models.
gcloud iam roles create tunedrop_dev_status '--title=dev status' --permissions=aiplatform.contexts.get,aiplatform.endpoints.create,aiplatform.endpoints.deploy,aiplatform.endpoints.get,aiplatform.endpoints.predict,aiplatform.models.get,aiplatform.models.list,aiplatform.models.update,aiplatform.pipelineJobs.cancel,aiplatform.pipelineJobs.get,aiplatform.pipelineJobs.list,aiplatform.tensorboardExperiments.list,aiplatform.tensorboardRuns.list,aiplatform.tensorboardTimeSeries.batchRead,aiplatform.tensorboardTimeSeries.list,aiplatform.tuningJobs.cancel,aiplatform.tuningJobs.get,aiplatform.tuningJobs.list --stage=GA --project=test-project-1

# 14. role tunedrop_dev_replacer with 2 permissions
# Why: Overwrites and deletes objects where a bucket's policy says so.
gcloud iam roles create tunedrop_dev_replacer '--title=dev replacer' --permissions=storage.objects.create,storage.objects.delete --stage=GA --project=test-project-1

# 15. access rights on project test-project-1
# Why: Jobs, models, event reception and builds have no smaller place to be allowed in.
STORAGE_AGENT="$(gcloud storage service-agent --project=test-project-1)"
PROJECT_NUMBER="$(gcloud projects describe test-project-1 '--format=value(projectNumber)')"
gcloud projects add-iam-policy-binding test-project-1 --member=serviceAccount:dev-launcher@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_dev_launcher --condition=None
gcloud projects add-iam-policy-binding test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_dev_status --condition=None
gcloud projects add-iam-policy-binding test-project-1 --member=serviceAccount:dev-trigger@test-project-1.iam.gserviceaccount.com --role=roles/eventarc.eventReceiver --condition=None
gcloud projects add-iam-policy-binding test-project-1 --member=serviceAccount:dev-build@test-project-1.iam.gserviceaccount.com --role=roles/logging.logWriter --condition=None
gcloud projects add-iam-policy-binding test-project-1 --member=serviceAccount:dev-build@test-project-1.iam.gserviceaccount.com --role=roles/artifactregistry.writer --condition=None
gcloud projects add-iam-policy-binding test-project-1 --member=serviceAccount:dev-build@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud projects add-iam-policy-binding test-project-1 "--member=serviceAccount:${STORAGE_AGENT}" --role=roles/pubsub.publisher --condition=None
gcloud projects add-iam-policy-binding test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.serviceAgent --condition=None
gcloud projects add-iam-policy-binding test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-eventarc.iam.gserviceaccount.com" --role=roles/eventarc.serviceAgent --condition=None
gcloud projects add-iam-policy-binding test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-cloudscheduler.iam.gserviceaccount.com" --role=roles/cloudscheduler.serviceAgent --condition=None
gcloud projects add-iam-policy-binding test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-aiplatform.iam.gserviceaccount.com" --role=roles/aiplatform.serviceAgent --condition=None

# 16. access rights on service account tuning@test-project-1.iam.gserviceaccount.com
# Why: A job may run as an account only if whoever creates the job may act as it.
gcloud iam service-accounts add-iam-policy-binding tuning@test-project-1.iam.gserviceaccount.com --project=test-project-1 --member=serviceAccount:dev-launcher@test-project-1.iam.gserviceaccount.com --role=roles/iam.serviceAccountUser

# 17. access rights on service account jobs@test-project-1.iam.gserviceaccount.com
# Why: A job may run as an account only if whoever creates the job may act as it.
gcloud iam service-accounts add-iam-policy-binding jobs@test-project-1.iam.gserviceaccount.com --project=test-project-1 --member=serviceAccount:dev-launcher@test-project-1.iam.gserviceaccount.com --role=roles/iam.serviceAccountUser

# 18. the account that secretmanager acts as
# Why: Makes sure that it exists before rights are given to it.
gcloud beta services identity create --service=secretmanager.googleapis.com --project=test-project-1

# 19. access rights on key projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k
# Why: Buckets, topics and jobs are encrypted by the services that keep them.
gcloud kms keys add-iam-policy-binding projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1 "--member=serviceAccount:${STORAGE_AGENT}" --role=roles/cloudkms.cryptoKeyEncrypterDecrypter
gcloud kms keys add-iam-policy-binding projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/cloudkms.cryptoKeyEncrypterDecrypter
gcloud kms keys add-iam-policy-binding projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-aiplatform.iam.gserviceaccount.com" --role=roles/cloudkms.cryptoKeyEncrypterDecrypter
gcloud kms keys add-iam-policy-binding projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-secretmanager.iam.gserviceaccount.com" --role=roles/cloudkms.cryptoKeyEncrypterDecrypter

# 20. bucket gs://test-project-1-dev-intake: datasets, recipes and evaluation files that people drop
# Why: People drop datasets here; the functions only read it, since a system that feeds itself is a bill.
# Costs: about $0.02 per GB kept
gcloud storage buckets create gs://test-project-1-dev-intake --location=europe-west4 --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=7d --default-encryption-key=projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1
gcloud storage buckets update gs://test-project-1-dev-intake --update-labels=team=ml,tunedrop-deployment=dev --project=test-project-1

# 21. bucket gs://test-project-1-dev-work: staged datasets, line maps, evidence of what models answered, pipelines' output
# Why: Jobs read exactly the bytes that were checked, under names that are their hashes.
# Costs: about $0.02 per GB kept
gcloud storage buckets create gs://test-project-1-dev-work --location=europe-west4 --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=0 --lifecycle-file=build/deploy/work-lifecycle.json --default-encryption-key=projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1
gcloud storage buckets update gs://test-project-1-dev-work --update-labels=team=ml,tunedrop-deployment=dev --project=test-project-1

# 22. bucket gs://test-project-1-dev-ledger: every record that matters, created once and never changed
# Why: Every decision can be read a year later; nobody may overwrite or delete one.
# Costs: about $0.02 per GB kept
gcloud storage buckets create gs://test-project-1-dev-ledger --location=europe-west4 --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=30d --retention-period=2592000s --default-encryption-key=projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1
gcloud storage buckets update gs://test-project-1-dev-ledger --update-labels=team=ml,tunedrop-deployment=dev --project=test-project-1

# 23. bucket gs://test-project-1-dev-state: marks of open runs and the queue, which can be rebuilt from the ledger, and the pause switch
# Why: Tells the functions quickly which runs are open.
# Costs: about $0.02 per GB kept
gcloud storage buckets create gs://test-project-1-dev-state --location=europe-west4 --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=0 --default-encryption-key=projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1
gcloud storage buckets update gs://test-project-1-dev-state --update-labels=team=ml,tunedrop-deployment=dev --project=test-project-1

# 24. bucket gs://test-project-1-dev-reports: a page for each drop and each run, their index, and notes of what it has yet to list
# Why: People find a page for each drop and each run at addresses that can be predicted.
# Costs: about $0.02 per GB kept
gcloud storage buckets create gs://test-project-1-dev-reports --location=europe-west4 --uniform-bucket-level-access --public-access-prevention --soft-delete-duration=7d --default-encryption-key=projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1
gcloud storage buckets update gs://test-project-1-dev-reports --update-labels=team=ml,tunedrop-deployment=dev --project=test-project-1

# 25. access rights on bucket gs://test-project-1-dev-intake
# Why: Only those whom the table of buckets names, and the project's owners, reach datasets, recipes and evaluation files that people drop.
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-intake --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyBucketOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-intake --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyObjectOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-intake --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyBucketReader --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-intake --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyObjectReader --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-intake --project=test-project-1 --member=serviceAccount:dev-validator@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-intake --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-intake --project=test-project-1 --member=group:ml@example.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-intake --project=test-project-1 --member=group:ml@example.com --role=projects/test-project-1/roles/tunedrop_dev_replacer --condition=None

# 26. access rights on bucket gs://test-project-1-dev-work
# Why: Only those whom the table of buckets names, and the project's owners, reach staged datasets, line maps, evidence of what models answered, pipelines' output.
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-work --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyBucketOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-work --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyObjectOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-work --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyBucketReader --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-work --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyObjectReader --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-work --project=test-project-1 --member=serviceAccount:dev-validator@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-work --project=test-project-1 --member=serviceAccount:dev-launcher@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-work --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-work --project=test-project-1 --member=serviceAccount:tuning@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-work --project=test-project-1 --member=group:ops@example.com --role=roles/storage.objectViewer '--condition=expression=resource.name.startsWith("projects/_/buckets/test-project-1-dev-work/objects/evidence/"),title=in evidence'
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-work --project=test-project-1 --member=serviceAccount:dev-validator@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectCreator '--condition=expression=resource.name.startsWith("projects/_/buckets/test-project-1-dev-work/objects/staged/"),title=in staged'
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-work --project=test-project-1 --member=serviceAccount:dev-validator@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_dev_replacer '--condition=expression=resource.name.startsWith("projects/_/buckets/test-project-1-dev-work/objects/incoming/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-work/objects/line-maps/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-work/objects/holdout/"),title=in incoming line-maps holdout'
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-work --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_dev_replacer '--condition=expression=resource.name.startsWith("projects/_/buckets/test-project-1-dev-work/objects/evidence/"),title=in evidence'
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-work --project=test-project-1 --member=serviceAccount:tuning@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_dev_replacer --condition=None

# 27. access rights on bucket gs://test-project-1-dev-ledger
# Why: Only those whom the table of buckets names, and the project's owners, reach every record that matters, created once and never changed.
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-ledger --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyBucketOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-ledger --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyObjectOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-ledger --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyBucketReader --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-ledger --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyObjectReader --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-ledger --project=test-project-1 --member=serviceAccount:dev-validator@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-ledger --project=test-project-1 --member=serviceAccount:dev-launcher@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-ledger --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-ledger --project=test-project-1 --member=group:ops@example.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-ledger --project=test-project-1 --member=serviceAccount:dev-validator@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectCreator '--condition=expression=resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/drops/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/verdicts/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/messages/"),title=in drops verdicts messages'
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-ledger --project=test-project-1 --member=serviceAccount:dev-launcher@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectCreator '--condition=expression=resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/runs/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/askers/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/starts/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/slots/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/budget/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/messages/"),title=in runs askers starts slots budget messages'
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-ledger --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectCreator '--condition=expression=resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/runs/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/cancels/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/slots/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/registry/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/champions/") || resource.name.startsWith("projects/_/buckets/test-project-1-dev-ledger/objects/messages/"),title=in runs cancels slots registry champions messages'

# 28. access rights on bucket gs://test-project-1-dev-state
# Why: Only those whom the table of buckets names, and the project's owners, reach marks of open runs and the queue, which can be rebuilt from the ledger, and the pause switch.
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-state --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyBucketOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-state --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyObjectOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-state --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyBucketReader --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-state --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyObjectReader --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-state --project=test-project-1 --member=serviceAccount:dev-launcher@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-state --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-state --project=test-project-1 --member=group:ops@example.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-state --project=test-project-1 --member=serviceAccount:dev-launcher@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_dev_replacer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-state --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_dev_replacer --condition=None

# 29. access rights on bucket gs://test-project-1-dev-reports
# Why: Only those whom the table of buckets names, and the project's owners, reach a page for each drop and each run, their index, and notes of what it has yet to list.
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-reports --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyBucketOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-reports --project=test-project-1 --member=projectEditor:test-project-1 --role=roles/storage.legacyObjectOwner --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-reports --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyBucketReader --condition=None
gcloud storage buckets remove-iam-policy-binding gs://test-project-1-dev-reports --project=test-project-1 --member=projectViewer:test-project-1 --role=roles/storage.legacyObjectReader --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-reports --project=test-project-1 --member=serviceAccount:dev-validator@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-reports --project=test-project-1 --member=serviceAccount:dev-launcher@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-reports --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-reports --project=test-project-1 --member=group:ops@example.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-reports --project=test-project-1 --member=domain:example.com --role=roles/storage.objectViewer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-reports --project=test-project-1 --member=serviceAccount:dev-validator@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_dev_replacer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-reports --project=test-project-1 --member=serviceAccount:dev-launcher@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_dev_replacer --condition=None
gcloud storage buckets add-iam-policy-binding gs://test-project-1-dev-reports --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=projects/test-project-1/roles/tunedrop_dev_replacer --condition=None

# 30. access rights on bucket gs://shared-datasets
# Why: Requests may name datasets in this bucket; it stays somebody else's.
gcloud storage buckets add-iam-policy-binding gs://shared-datasets --project=test-project-1 --member=serviceAccount:dev-validator@test-project-1.iam.gserviceaccount.com --role=roles/storage.objectViewer --condition=None

# 31. topic dev-requests: tuning requests of other systems, and drops to look at again
# Why: Carries tuning requests of other systems, and drops to look at again, to the function requests.
# Costs: free up to 10 GB of messages
gcloud pubsub topics create dev-requests --labels=team=ml,tunedrop-deployment=dev --topic-encryption-key=projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1

# 32. topic dev-launches: runs to launch
# Why: Carries runs to launch, to the function launches.
# Costs: free up to 10 GB of messages
gcloud pubsub topics create dev-launches --labels=team=ml,tunedrop-deployment=dev --topic-encryption-key=projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1

# 33. topic dev-job-events: job log entries, and the ticks that have open runs looked after
# Why: Carries job log entries, and the ticks that have open runs looked after, to the function job-events.
# Costs: free up to 10 GB of messages
gcloud pubsub topics create dev-job-events --labels=team=ml,tunedrop-deployment=dev --topic-encryption-key=projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1

# 34. topic dev-control: operators' decisions
# Why: Carries operators' decisions, to the function control.
# Costs: free up to 10 GB of messages
gcloud pubsub topics create dev-control --labels=team=ml,tunedrop-deployment=dev --topic-encryption-key=projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1

# 35. topic dev-events: what happened, for anyone who wants to know
# Why: Carries what happened, for anyone who wants to know, to anyone.
# Costs: free up to 10 GB of messages
gcloud pubsub topics create dev-events --labels=team=ml,tunedrop-deployment=dev --topic-encryption-key=projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1

# 36. topic dev-dead-letters: messages that could not be delivered
# Why: A message that fails for hours is kept for a person instead of being lost.
# Costs: free up to 10 GB of messages
gcloud pubsub topics create dev-dead-letters --labels=team=ml,tunedrop-deployment=dev --topic-encryption-key=projects/test-project-1/locations/europe-west4/keyRings/r/cryptoKeys/k --project=test-project-1

# 37. subscription dev-dead-letters-pull
# Why: Without a subscription of its own a dead-letter topic loses everything; it never expires.
gcloud pubsub subscriptions create dev-dead-letters-pull --topic=dev-dead-letters --ack-deadline=600 --expiration-period=never --message-retention-duration=31d --labels=team=ml,tunedrop-deployment=dev --project=test-project-1

# 38. log sink dev-job-events
# Why: Tells within seconds that a pipeline job has ended, instead of at the next tick.
gcloud logging sinks create dev-job-events pubsub.googleapis.com/projects/test-project-1/topics/dev-job-events '--log-filter=resource.type="aiplatform.googleapis.com/PipelineJob" AND logName="projects/test-project-1/logs/aiplatform.googleapis.com%2Fpipeline_job_events" AND jsonPayload.state=("PIPELINE_STATE_SUCCEEDED" OR "PIPELINE_STATE_FAILED" OR "PIPELINE_STATE_CANCELLED")' '--description=Ends of pipeline jobs, for dev' --project=test-project-1

# 39. log-based metric dev-accepted
# Why: Counts for the dashboard and the alerts: Drops that became a run.
gcloud logging metrics create dev-accepted --config-from-file=build/deploy/observability/metrics/accepted.json --project=test-project-1

# 40. log-based metric dev-bugs
# Why: Counts for the dashboard and the alerts: Faults of tunedrop's own, by what arrived.
gcloud logging metrics create dev-bugs --config-from-file=build/deploy/observability/metrics/bugs.json --project=test-project-1

# 41. log-based metric dev-denied
# Why: Counts for the dashboard and the alerts: Whatever failed for want of a permission or of usable settings, by code.
gcloud logging metrics create dev-denied --config-from-file=build/deploy/observability/metrics/denied.json --project=test-project-1

# 42. log-based metric dev-endings
# Why: Counts for the dashboard and the alerts: Runs that ended, by state.
gcloud logging metrics create dev-endings --config-from-file=build/deploy/observability/metrics/endings.json --project=test-project-1

# 43. log-based metric dev-fenced
# Why: Counts for the dashboard and the alerts: Steps that another worker took first, so that nothing was written.
gcloud logging metrics create dev-fenced --config-from-file=build/deploy/observability/metrics/fenced.json --project=test-project-1

# 44. log-based metric dev-launched
# Why: Counts for the dashboard and the alerts: Jobs that were created or adopted for a run.
gcloud logging metrics create dev-launched --config-from-file=build/deploy/observability/metrics/launched.json --project=test-project-1

# 45. log-based metric dev-refused
# Why: Counts for the dashboard and the alerts: Deliveries that were at fault themselves and were recorded, by what arrived and code.
gcloud logging metrics create dev-refused --config-from-file=build/deploy/observability/metrics/refused.json --project=test-project-1

# 46. log-based metric dev-rejected
# Why: Counts for the dashboard and the alerts: Datasets and recipes that were rejected, by reason.
gcloud logging metrics create dev-rejected --config-from-file=build/deploy/observability/metrics/rejected.json --project=test-project-1

# 47. log-based metric dev-retries
# Why: Counts for the dashboard and the alerts: Deliveries that were asked for again, by what arrived and code.
gcloud logging metrics create dev-retries --config-from-file=build/deploy/observability/metrics/retries.json --project=test-project-1

# 48. log-based metric dev-suppressed
# Why: Counts for the dashboard and the alerts: Repeats that found the work done and did nothing, by code.
gcloud logging metrics create dev-suppressed --config-from-file=build/deploy/observability/metrics/suppressed.json --project=test-project-1

# 49. log-based metric dev-swept
# Why: Counts for the dashboard and the alerts: Ticks that had open runs looked after: the heartbeat.
gcloud logging metrics create dev-swept --config-from-file=build/deploy/observability/metrics/swept.json --project=test-project-1

# 50. log-based metric dev-unexplained
# Why: Counts for the dashboard and the alerts: Errors of jobs that tunedrop has no words for: each deserves an entry in job_errors.toml.
gcloud logging metrics create dev-unexplained --config-from-file=build/deploy/observability/metrics/unexplained.json --project=test-project-1

# 51. access rights on topic dev-requests
# Why: A receiver is not told who published, so only those whom the table names may.
gcloud pubsub topics add-iam-policy-binding dev-requests --project=test-project-1 --member=serviceAccount:crm@other-project.iam.gserviceaccount.com --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding dev-requests --project=test-project-1 --member=serviceAccount:dev-validator@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding dev-requests --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding dev-requests --project=test-project-1 --member=group:ops@example.com --role=roles/pubsub.publisher

# 52. access rights on topic dev-launches
# Why: A receiver is not told who published, so only those whom the table names may.
gcloud pubsub topics add-iam-policy-binding dev-launches --project=test-project-1 --member=serviceAccount:dev-validator@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding dev-launches --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding dev-launches --project=test-project-1 --member=group:ops@example.com --role=roles/pubsub.publisher

# 53. access rights on topic dev-job-events
# Why: A receiver is not told who published, so only those whom the table names may.
SINK_WRITER="$(gcloud logging sinks describe dev-job-events --project=test-project-1 '--format=value(writerIdentity)')"
gcloud pubsub topics add-iam-policy-binding dev-job-events --project=test-project-1 "--member=${SINK_WRITER}" --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding dev-job-events --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-cloudscheduler.iam.gserviceaccount.com" --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding dev-job-events --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding dev-job-events --project=test-project-1 --member=group:ops@example.com --role=roles/pubsub.publisher

# 54. access rights on topic dev-control
# Why: A receiver is not told who published, so only those whom the table names may.
gcloud pubsub topics add-iam-policy-binding dev-control --project=test-project-1 --member=group:ops@example.com --role=roles/pubsub.publisher

# 55. access rights on topic dev-events
# Why: A receiver is not told who published, so only those whom the table names may.
gcloud pubsub topics add-iam-policy-binding dev-events --project=test-project-1 --member=serviceAccount:dev-validator@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding dev-events --project=test-project-1 --member=serviceAccount:dev-launcher@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher
gcloud pubsub topics add-iam-policy-binding dev-events --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=roles/pubsub.publisher

# 56. access rights on topic dev-dead-letters
# Why: A receiver is not told who published, so only those whom the table names may.
gcloud pubsub topics add-iam-policy-binding dev-dead-letters --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.publisher

# 57. access rights on subscription dev-dead-letters-pull
# Why: Whoever takes such a message out decides what becomes of it.
gcloud pubsub subscriptions add-iam-policy-binding dev-dead-letters-pull --project=test-project-1 --member=group:ops@example.com --role=roles/pubsub.subscriber

# 58. secret dev-webhook
# Why: Whoever knows a webhook's address can post to it, so it stands in no setting that people can read.
# Costs: $0.06 for each value, the first six of the billing account free; reading costs next to nothing
gcloud secrets create dev-webhook --replication-policy-file=build/deploy/webhook-replication.json --labels=team=ml,tunedrop-deployment=dev --project=test-project-1

# 59. access rights on secret dev-webhook
# Why: Only the functions that take runs to their end can read the address.
gcloud secrets add-iam-policy-binding dev-webhook --project=test-project-1 --member=serviceAccount:dev-launcher@test-project-1.iam.gserviceaccount.com --role=roles/secretmanager.secretAccessor --condition=None
gcloud secrets add-iam-policy-binding dev-webhook --project=test-project-1 --member=serviceAccount:dev-status@test-project-1.iam.gserviceaccount.com --role=roles/secretmanager.secretAccessor --condition=None

# 60. a value of the secret dev-webhook
# Why: The address is for a person to give: it is read from their terminal, and never from a command line.
# By hand: run `gcloud secrets versions add dev-webhook --project=test-project-1 --data-file=-`, paste the webhook's address, press Return and Ctrl-D; then run apply.

# 61. function dev-finalized
# Why: Checks every new object of the intake bucket and writes its verdict.
# Costs: free up to 2 million calls, 180,000 vCPU-seconds and 360,000 GiB-seconds of the billing account
gcloud functions deploy dev-finalized --gen2 --region=europe-west4 --project=test-project-1 --runtime=python312 --source=build/validator --entry-point=on_finalized --trigger-event-filters=type=google.cloud.storage.object.v1.finalized --trigger-event-filters=bucket=test-project-1-dev-intake --trigger-location=europe-west4 --trigger-service-account=dev-trigger@test-project-1.iam.gserviceaccount.com --retry --run-service-account=dev-validator@test-project-1.iam.gserviceaccount.com --build-service-account=projects/test-project-1/serviceAccounts/dev-build@test-project-1.iam.gserviceaccount.com --no-allow-unauthenticated --ingress-settings=internal-only --memory=1Gi --cpu=1 --concurrency=1 --timeout=540s --max-instances=3 --env-vars-file=build/deploy/environment.yaml --clear-secrets --update-labels=team=ml,tunedrop-deployment=dev,tunedrop-source=DIGEST

# 62. function dev-requests
# Why: Checks the datasets that other systems name in messages.
# Costs: free up to 2 million calls, 180,000 vCPU-seconds and 360,000 GiB-seconds of the billing account
gcloud functions deploy dev-requests --gen2 --region=europe-west4 --project=test-project-1 --runtime=python312 --source=build/validator --entry-point=on_request --trigger-http --run-service-account=dev-validator@test-project-1.iam.gserviceaccount.com --build-service-account=projects/test-project-1/serviceAccounts/dev-build@test-project-1.iam.gserviceaccount.com --no-allow-unauthenticated --ingress-settings=internal-only --memory=1Gi --cpu=1 --concurrency=1 --timeout=540s --max-instances=3 --env-vars-file=build/deploy/environment.yaml --clear-secrets --update-labels=team=ml,tunedrop-deployment=dev,tunedrop-source=DIGEST

# 63. function dev-launches
# Why: Launches one job for an accepted dataset.
# Costs: free up to 2 million calls, 180,000 vCPU-seconds and 360,000 GiB-seconds of the billing account
gcloud functions deploy dev-launches --gen2 --region=europe-west4 --project=test-project-1 --runtime=python312 --source=build/launcher --entry-point=on_launch --trigger-http --run-service-account=dev-launcher@test-project-1.iam.gserviceaccount.com --build-service-account=projects/test-project-1/serviceAccounts/dev-build@test-project-1.iam.gserviceaccount.com --no-allow-unauthenticated --ingress-settings=internal-only --memory=1Gi --cpu=1 --concurrency=4 --timeout=540s --max-instances=3 --env-vars-file=build/deploy/environment.yaml --set-secrets=TUNEDROP_WEBHOOK_URL=dev-webhook:latest --update-labels=team=ml,tunedrop-deployment=dev,tunedrop-source=DIGEST

# 64. function dev-job-events
# Why: Follows jobs to their end, registers and calls the tuned model.
# Costs: free up to 2 million calls, 180,000 vCPU-seconds and 360,000 GiB-seconds of the billing account
gcloud functions deploy dev-job-events --gen2 --region=europe-west4 --project=test-project-1 --runtime=python312 --source=build/status --entry-point=on_job_event --trigger-http --run-service-account=dev-status@test-project-1.iam.gserviceaccount.com --build-service-account=projects/test-project-1/serviceAccounts/dev-build@test-project-1.iam.gserviceaccount.com --no-allow-unauthenticated --ingress-settings=internal-only --memory=1Gi --cpu=1 --concurrency=4 --timeout=540s --max-instances=3 --env-vars-file=build/deploy/environment.yaml --set-secrets=TUNEDROP_WEBHOOK_URL=dev-webhook:latest --update-labels=team=ml,tunedrop-deployment=dev,tunedrop-source=DIGEST

# 65. function dev-control
# Why: Carries out what operators decide.
# Costs: free up to 2 million calls, 180,000 vCPU-seconds and 360,000 GiB-seconds of the billing account
gcloud functions deploy dev-control --gen2 --region=europe-west4 --project=test-project-1 --runtime=python312 --source=build/status --entry-point=on_control --trigger-http --run-service-account=dev-status@test-project-1.iam.gserviceaccount.com --build-service-account=projects/test-project-1/serviceAccounts/dev-build@test-project-1.iam.gserviceaccount.com --no-allow-unauthenticated --ingress-settings=internal-only --memory=1Gi --cpu=1 --concurrency=4 --timeout=540s --max-instances=3 --env-vars-file=build/deploy/environment.yaml --set-secrets=TUNEDROP_WEBHOOK_URL=dev-webhook:latest --update-labels=team=ml,tunedrop-deployment=dev,tunedrop-source=DIGEST

# 66. access rights on service dev-finalized
# Why: Only dev-trigger can call the function.
gcloud run services add-iam-policy-binding dev-finalized --region=europe-west4 --project=test-project-1 --member=serviceAccount:dev-trigger@test-project-1.iam.gserviceaccount.com --role=roles/run.invoker

# 67. access rights on service dev-requests
# Why: Only dev-push can call the function.
gcloud run services add-iam-policy-binding dev-requests --region=europe-west4 --project=test-project-1 --member=serviceAccount:dev-push@test-project-1.iam.gserviceaccount.com --role=roles/run.invoker

# 68. access rights on service dev-launches
# Why: Only dev-push can call the function.
gcloud run services add-iam-policy-binding dev-launches --region=europe-west4 --project=test-project-1 --member=serviceAccount:dev-push@test-project-1.iam.gserviceaccount.com --role=roles/run.invoker

# 69. access rights on service dev-job-events
# Why: Only dev-push can call the function.
gcloud run services add-iam-policy-binding dev-job-events --region=europe-west4 --project=test-project-1 --member=serviceAccount:dev-push@test-project-1.iam.gserviceaccount.com --role=roles/run.invoker

# 70. access rights on service dev-control
# Why: Only dev-push can call the function.
gcloud run services add-iam-policy-binding dev-control --region=europe-west4 --project=test-project-1 --member=serviceAccount:dev-push@test-project-1.iam.gserviceaccount.com --role=roles/run.invoker

# 71. settings of the subscription behind the intake bucket's trigger
# Why: As made with the trigger it may wait 10 s for an answer, drops events after a day and keeps none.
FINALIZED_TRIGGER="$(gcloud functions describe dev-finalized --gen2 --region=europe-west4 --project=test-project-1 '--format=value(eventTrigger.trigger)')"
FINALIZED_SUBSCRIPTION="$(gcloud eventarc triggers describe "${FINALIZED_TRIGGER}" --location=europe-west4 --project=test-project-1 '--format=value(transport.pubsub.subscription)')"
gcloud pubsub subscriptions update "${FINALIZED_SUBSCRIPTION}" --ack-deadline=600 --message-retention-duration=7d --expiration-period=never --min-retry-delay=10s --max-retry-delay=600s --dead-letter-topic=projects/test-project-1/topics/dev-dead-letters --max-delivery-attempts=30 --project=test-project-1

# 72. subscription dev-requests
# Why: Pushes requests to the function, repeats what fails, keeps what goes on failing.
REQUESTS_URL="$(gcloud functions describe dev-requests --gen2 --region=europe-west4 --project=test-project-1 '--format=value(serviceConfig.uri)')"
gcloud pubsub subscriptions create dev-requests --topic=dev-requests "--push-endpoint=${REQUESTS_URL}/projects/test-project-1/topics/dev-requests?pubsub_trigger=true" --push-auth-service-account=dev-push@test-project-1.iam.gserviceaccount.com "--push-auth-token-audience=${REQUESTS_URL}" --ack-deadline=600 --message-retention-duration=7d --expiration-period=never --min-retry-delay=10s --max-retry-delay=600s --dead-letter-topic=projects/test-project-1/topics/dev-dead-letters --max-delivery-attempts=30 --labels=team=ml,tunedrop-deployment=dev --project=test-project-1

# 73. subscription dev-launches
# Why: Pushes launches to the function, repeats what fails, keeps what goes on failing.
LAUNCHES_URL="$(gcloud functions describe dev-launches --gen2 --region=europe-west4 --project=test-project-1 '--format=value(serviceConfig.uri)')"
gcloud pubsub subscriptions create dev-launches --topic=dev-launches "--push-endpoint=${LAUNCHES_URL}/projects/test-project-1/topics/dev-launches?pubsub_trigger=true" --push-auth-service-account=dev-push@test-project-1.iam.gserviceaccount.com "--push-auth-token-audience=${LAUNCHES_URL}" --ack-deadline=600 --message-retention-duration=7d --expiration-period=never --min-retry-delay=10s --max-retry-delay=600s --dead-letter-topic=projects/test-project-1/topics/dev-dead-letters --max-delivery-attempts=30 --labels=team=ml,tunedrop-deployment=dev --project=test-project-1

# 74. subscription dev-job-events
# Why: Pushes job-events to the function, repeats what fails, keeps what goes on failing.
JOB_EVENTS_URL="$(gcloud functions describe dev-job-events --gen2 --region=europe-west4 --project=test-project-1 '--format=value(serviceConfig.uri)')"
gcloud pubsub subscriptions create dev-job-events --topic=dev-job-events "--push-endpoint=${JOB_EVENTS_URL}/projects/test-project-1/topics/dev-job-events?pubsub_trigger=true" --push-auth-service-account=dev-push@test-project-1.iam.gserviceaccount.com "--push-auth-token-audience=${JOB_EVENTS_URL}" --ack-deadline=600 --message-retention-duration=7d --expiration-period=never --min-retry-delay=10s --max-retry-delay=600s --dead-letter-topic=projects/test-project-1/topics/dev-dead-letters --max-delivery-attempts=30 --labels=team=ml,tunedrop-deployment=dev --project=test-project-1

# 75. subscription dev-control
# Why: Pushes control to the function, repeats what fails, keeps what goes on failing.
CONTROL_URL="$(gcloud functions describe dev-control --gen2 --region=europe-west4 --project=test-project-1 '--format=value(serviceConfig.uri)')"
gcloud pubsub subscriptions create dev-control --topic=dev-control "--push-endpoint=${CONTROL_URL}/projects/test-project-1/topics/dev-control?pubsub_trigger=true" --push-auth-service-account=dev-push@test-project-1.iam.gserviceaccount.com "--push-auth-token-audience=${CONTROL_URL}" --ack-deadline=600 --message-retention-duration=7d --expiration-period=never --min-retry-delay=10s --max-retry-delay=600s --dead-letter-topic=projects/test-project-1/topics/dev-dead-letters --max-delivery-attempts=30 --labels=team=ml,tunedrop-deployment=dev --project=test-project-1

# 76. access rights on the trigger's subscription
# Why: Without it nothing ever reaches the dead letters.
gcloud pubsub subscriptions add-iam-policy-binding "${FINALIZED_SUBSCRIPTION}" --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.subscriber

# 77. access rights on subscription dev-requests
# Why: Without it nothing ever reaches the dead letters.
gcloud pubsub subscriptions add-iam-policy-binding dev-requests --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.subscriber

# 78. access rights on subscription dev-launches
# Why: Without it nothing ever reaches the dead letters.
gcloud pubsub subscriptions add-iam-policy-binding dev-launches --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.subscriber

# 79. access rights on subscription dev-job-events
# Why: Without it nothing ever reaches the dead letters.
gcloud pubsub subscriptions add-iam-policy-binding dev-job-events --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.subscriber

# 80. access rights on subscription dev-control
# Why: Without it nothing ever reaches the dead letters.
gcloud pubsub subscriptions add-iam-policy-binding dev-control --project=test-project-1 "--member=serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.subscriber

# 81. scheduler job dev-sweep, every 10 minutes
# Why: Tuning jobs announce nothing; every open run is looked after at each tick.
# Costs: free up to 3 jobs of the billing account, then $0.10
gcloud scheduler jobs create pubsub dev-sweep '--schedule=*/10 * * * *' --topic=projects/test-project-1/topics/dev-job-events '--message-body={"schema_version":1,"kind":"sweep"}' --time-zone=Etc/UTC --max-retry-attempts=3 --location=europe-west4 --project=test-project-1

# 82. alert at 500 US dollars a month
# Why: Tells people before a bill surprises them; it stops nothing.
gcloud billing budgets create --billing-account=01AB23-4CD567-89EF01 '--display-name=tunedrop dev in test-project-1' --budget-amount=500USD --filter-projects=projects/test-project-1 --threshold-rule=percent=0.5 --threshold-rule=percent=1.0 --notifications-rule-monitoring-notification-channels=projects/test-project-1/notificationChannels/77

# 83. dashboard tunedrop-dev
# Why: Shows on one page what arrives, what becomes of it, and what stands in its way.
gcloud monitoring dashboards create --config-from-file=build/deploy/observability/dashboard.json --project=test-project-1

# 84. alert policy 'tunedrop dev: messages wait for more than 15 minutes'
# Why: A message has waited for more than 15 minutes, so drops are not checked, runs not launched or jobs not followed.
# Costs: $0.10 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/backlog.json --project=test-project-1

# 85. alert policy 'tunedrop dev: tunedrop itself is at fault'
# Why: Something happened that tunedrop does not expect; the delivery is asked for again, or the run is looked at again at the next tick.
# Costs: $0.10 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/bugs.json --project=test-project-1

# 86. alert policy 'tunedrop dev: messages lie in the dead letters'
# Why: Messages failed for hours, were given up, and wait in the dead letters for a month.
# Costs: $0.10 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/dead-letters.json --project=test-project-1

# 87. alert policy 'tunedrop dev: a permission or a setting is missing'
# Why: A function may not do what it must, or its settings cannot be used; everything that it is asked for waits until somebody mends that.
# Costs: $0.10 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/denied.json --project=test-project-1

# 88. alert policy 'tunedrop dev: a function fails more than one delivery in five'
# Why: More than a fifth of a function's deliveries were answered with an error for 15 minutes; each of them comes again.
# Costs: $0.10 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/errors.json --project=test-project-1

# 89. alert policy 'tunedrop dev: nobody looks after open runs'
# Why: The tick that has open runs looked after has not got through for 30 minutes, so nobody follows tuning jobs to their end.
# Costs: $0.20 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/heartbeat.json --project=test-project-1

# 90. alert policy 'tunedrop dev: job log entries are not passed on'
# Why: The log sink cannot publish, so ends of pipeline jobs are only noticed at the next tick.
# Costs: $0.10 where alerting is charged (as of 2026-11-23, not confirmed)
gcloud alpha monitoring policies create --policy-from-file=build/deploy/observability/alerts/sink.json --project=test-project-1
