"""Reads a run in a format from stdin, and prints each instance with its output and its bytes, in Base64."""
import base64
import csv
import io
import json
import sys
import xml.etree.ElementTree

import yaml


def rows(kind, text):
    if kind == "csv":
        csv.field_size_limit(1 << 20)
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    if kind == "junit":
        cases = xml.etree.ElementTree.fromstring(text.encode()).iter("testcase")
        return [{"InstanceId": c.get("name").split("(")[-1][:-1], "Output": c.findtext("system-out", "")} for c in cases]
    readers = {"json": json.loads, "yaml": yaml.safe_load, "libyaml": lambda t: yaml.load(t, yaml.CSafeLoader)}
    return readers[kind](text)["Instances"]


for row in rows(sys.argv[1], sys.stdin.buffer.read().decode("utf-8")):
    if not isinstance(row["Output"], str):
        sys.exit("%s: %r is no text" % (row["InstanceId"], row["Output"]))
    output = base64.b64encode(row["Output"].encode()).decode()
    print(row["InstanceId"], output or "-", row.get("OutputBase64") or "-")
