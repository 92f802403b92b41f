"""The deploy tool: how gcloud makes a deployment of what `tunedrop.topology` says it consists of.

Kept from importing anything else of tunedrop but names of records, and anything that is not in the standard library.
"""
