"""The same questions as a task for Inspect: ask, and look for a word in the answer."""

import os

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import includes
from inspect_ai.solver import generate


@task
def trivial():
    count = int(os.environ["SAMPLES"])
    samples = [Sample(id=f"s{at}", input=f"Question {at}?", target="yes") for at in range(count)]
    return Task(dataset=MemoryDataset(samples), solver=generate(), scorer=includes())
