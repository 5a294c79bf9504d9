"""Computes retrieval measures with ir_measures, for the test beside it to compare with.

Standard input: {"qrels": {query: {name: grade}}, "run": {query: [name, best first]}, "measures": [name]}.
Standard output: {measure: {query: value}}.
"""

import json
import sys

import ir_measures

asked = json.load(sys.stdin)
# trec_eval breaks ties by name and never by order, so the scores fall strictly.
run = {
    query: {name: float(len(names) - place) for place, name in enumerate(names)}
    for query, names in asked["run"].items()
}
measures = {name: ir_measures.parse_measure(name) for name in asked["measures"]}
values = {name: {} for name in measures}
for found in ir_measures.iter_calc(measures.values(), asked["qrels"], run):
    values[str(found.measure)][found.query_id] = found.value
json.dump(values, sys.stdout)
