"""Objects as requests see them: each method is one atomic operation.

Knows transactions, generations and blobs; knows no request and no upload protocol.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import BinaryIO

from tunedrop.local.storage.blobs import COPY_BYTES, Blobs, Content, StagedContent
from tunedrop.local.storage.database import Database, Transaction
from tunedrop.local.storage.errors import invalid
from tunedrop.local.storage.generations import (
    VISIBLE,
    Generations,
    Reference,
    Stored,
    Target,
)
from tunedrop.local.storage.listing import Listing, Page, list_objects
from tunedrop.local.storage.policies import Policies
from tunedrop.local.storage.resources import (
    Links,
    Resource,
    check_object_name,
    patched,
    replaced,
    writable_fields,
)

MAX_COMPOSE_SOURCES = 32
"""https://cloud.google.com/storage/docs/composite-objects, read 2026-11."""


class Objects:
    """The objects of one directory."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        generations: Generations,
        policies: Policies,
        links: Links,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._generations = generations
        self._policies = policies
        self._links = links

    def get(self, reference: Reference, *, soft_deleted: bool = False) -> Resource:
        """Return an object's resource.

        Raises:
            ApiError: 404, 412 or 304.
        """
        states = ("soft_deleted",) if soft_deleted else VISIBLE
        with self._database.transaction() as transaction:
            stored = self._generations.require(transaction, reference, states=states, reading=True)
        return self._links.add(stored.resource)

    def open(self, reference: Reference) -> tuple[Resource, BinaryIO]:
        """Return an object's resource and its content, open for reading.

        Raises:
            ApiError: 404, 412 or 304.
        """
        # Opened inside the transaction: an overwrite right behind it removes the blob.
        with self._database.transaction() as transaction:
            stored = self._generations.require(transaction, reference, reading=True)
            return self._links.add(stored.resource), self._blobs.open(stored.blob)

    def list(self, bucket: str, listing: Listing) -> Page:
        """Return one page of a bucket.

        Raises:
            ApiError: 404.
        """
        with self._database.transaction() as transaction:
            self._generations.buckets.require(transaction, bucket)
            page = list_objects(transaction, bucket, listing)
        items = [self._links.add(item) for item in page.items]
        return Page(items, page.prefixes, page.next_page_token)

    def check_target(self, target: Target) -> None:
        """Refuse early what `insert` would refuse, before any content is sent.

        Raises:
            ApiError: 400 for the name, 404 for the bucket, 412, 403.
        """
        check_object_name(target.name)
        with self._database.transaction() as transaction:
            self._generations.check_put(transaction, target)

    def insert(self, target: Target, staged: StagedContent, content: Content) -> Resource:
        """Make the sealed *staged* content the live generation of *target*; a race has one winner.

        Raises:
            ApiError: 400 for the name, 404 for the bucket, 412, 403.
        """
        check_object_name(target.name)
        with self._database.transaction() as transaction:
            blob = self._blobs.keep(staged)
            resource = self._generations.put(transaction, target, content, blob)
        return self._links.add(resource)

    def update(self, reference: Reference, body: Resource, *, replace: bool = False) -> Resource:
        """Merge *body* into an object's fields, or set them all anew.

        Raises:
            ApiError: 400 for a field, 403, 404 or 412.
        """
        change = replaced if replace else patched
        self._policies.check_permission("storage.objects.update", reference.bucket, reference.name)
        with self._database.transaction() as transaction:
            stored = self._generations.require(transaction, reference)
            resource = change(stored.resource, body)
            self._generations.change(transaction, stored, resource)
        return self._links.add(resource)

    def delete(self, reference: Reference) -> None:
        """Delete the live generation, or the one that *reference* names for good.

        Raises:
            ApiError: 403, 404 or 412.
        """
        self._policies.check_permission("storage.objects.delete", reference.bucket, reference.name)
        with self._database.transaction() as transaction:
            stored = self._generations.require(transaction, reference)
            for_good = reference.generation is not None
            self._generations.remove(transaction, stored, for_good=for_good)

    def copy(self, source: Reference, target: Target) -> Resource:
        """Make a generation of the same bytes; the target's fields override the source's.

        Raises:
            ApiError: 400 for the name, 403, 404, 412.
        """
        with self._database.transaction() as transaction:
            stored = self._generations.require(transaction, source)
            return self._copy(transaction, stored, target)

    def move(self, source: Reference, target: Target) -> Resource:
        """Give an object another name in its bucket, atomically.

        Raises:
            ApiError: 400 for the name, 403, 404, 412.
        """
        with self._database.transaction() as transaction:
            stored = self._generations.require(transaction, source)
            resource = self._copy(transaction, stored, target)
            if source.name != target.name:
                self._generations.remove(transaction, stored)
        return resource

    def restore(self, source: Reference, target: Target) -> Resource:
        """Make a soft-deleted generation live again, as a fresh generation.

        Raises:
            ApiError: 403, 404, 412.
        """
        with self._database.transaction() as transaction:
            stored = self._generations.require(transaction, source, states=("soft_deleted",))
            return self._copy(transaction, stored, target)

    def _copy(self, transaction: Transaction, stored: Stored, target: Target) -> Resource:
        check_object_name(target.name)
        resource = stored.resource
        fields = writable_fields(resource) | target.fields
        target = Target(target.bucket, target.name, fields, target.conditions)
        content = Content(
            int(resource["size"]),
            resource["crc32c"],
            resource.get("md5Hash"),
            resource.get("componentCount"),
        )
        blob = self._blobs.duplicate(stored.blob)
        copied = self._generations.put(transaction, target, content, blob)
        return self._links.add(copied)

    def compose(self, sources: Sequence[Reference], target: Target) -> Resource:
        """Concatenate the contents of *sources*, one to 32 objects of one bucket.

        Raises:
            ApiError: 400 for their number or the name, 403, 404, 412.
        """
        if not 1 <= len(sources) <= MAX_COMPOSE_SOURCES:
            raise invalid(
                f"sourceObjects: expected 1 to {MAX_COMPOSE_SOURCES}, found {len(sources)}"
            )
        self.check_target(target)
        with ExitStack() as stack:
            with self._database.transaction() as transaction:
                stored = [self._generations.require(transaction, source) for source in sources]
                files = [stack.enter_context(self._blobs.open(one.blob)) for one in stored]
            staged = stack.enter_context(self._blobs.stage())
            for file in files:
                while data := file.read(COPY_BYTES):
                    staged.write(data)
            count = sum(one.resource.get("componentCount", 1) for one in stored)
            first_type = stored[0].resource.get("contentType")
            fields = {"contentType": first_type} | target.fields
            target = Target(target.bucket, target.name, fields, target.conditions)
            return self.insert(target, staged, staged.seal(component_count=count))
