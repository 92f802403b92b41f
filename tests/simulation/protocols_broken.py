"""Parts of the protocol as they must not be: each takes the original and gives the broken one."""

from tunedrop.domain import naming
from tunedrop.handlers import check_dataset, slots
from tunedrop.ledger import Written


def nothing(_original):
    return lambda *_args, **_kwargs: None


def replaced_by(broken):
    """For what takes and gives the same as the original."""
    return lambda _original: broken


def yes(_original):
    return lambda *_args, **_kwargs: True


def takes_any_name_for_its_own(create):
    def broken(self, path, record, **kwargs):
        return Written(record=create(self, path, record, **kwargs).record, ours=True)

    return broken


def steps_from_wherever_the_run_is(step):
    def broken(self, run, state, detail=None, **kwargs):
        return step(self, self.load(run.run_id) or run, state, detail, **kwargs)

    return broken


def says_before_it_records(step):
    def broken(self, run, state, detail=None, *, facts=(), **kwargs):
        for number, fact in enumerate(facts, start=1):
            name = f"{run.run_id}/{run.last.sequence + 1:06d}/{number}"
            self._post.send(fact, event_id=name, subject=run.run_id)
        return step(self, run, state, detail, facts=facts, **kwargs)

    return broken


def answers_before_it_judges(check_drop):
    def broken(services, drop, info, chosen, evaluation):
        run = naming.run_id(chosen.name, "0" * 64)
        check_dataset.write_receipt(services, drop, "accepted", run_id=run)
        return check_drop(services, drop, info, chosen, evaluation)

    return broken


def adopts_whatever_has_its_id(_adopted):
    return lambda service, ours, _taken: service.get(ours.request.name)


def acknowledges_everything(settle):
    def broken(build, event, started):
        settle(build, event, started)
        return ""

    return broken


def stages_what_is_live(give_final_name):
    def broken(services, source, digest):
        live = services.store.stat(source.bucket, source.name)
        give_final_name(services, live, digest)

    return broken


def points_to_the_drop(_uri):
    return lambda settings, staged: f"gs://{settings.intake_bucket}/x.jsonl" if staged else None


def first_slot(_take):
    return lambda _services, run: slots.Slot(
        1, 1, run.run_id, run.attempt, run.last.sequence, taken=True, at=run.last.at
    )


def frees_all(services, _marks):
    for slot in slots.survey(services):
        if slot.taken:
            slots.free(services, slot)


def creates_at_once(_services, vertex, ours):
    request = ours.request
    service = vertex.jobs[request.backend]
    return service.create(region=request.region, job_id=request.job_id, body=request.body)
