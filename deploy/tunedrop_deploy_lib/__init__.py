"""The deploy tool: what a deployment consists of, and how gcloud makes it so.

Kept from importing tunedrop or anything that is not in the standard library.
"""
