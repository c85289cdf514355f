"""The software bill of materials of a program: what is linked into it, in CycloneDX."""

import hashlib
import json
import uuid


def bill(linked, program, release, architecture):
    """The bill of materials of a program that was built from these packages."""
    own = f"pkg:generic/{release.name}@{release.version}?arch={architecture}&os=linux"
    application = {
        "type": "application",
        "bom-ref": own,
        "name": release.name,
        "version": release.version,
        "hashes": _hashes(hashlib.sha256(program).hexdigest()),
        "licenses": _licenses(release.license),
        "purl": own,
    }
    reference = {key: package.purl for key, package in linked.packages.items()} | {None: own}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": release.created,
            "component": application,
        },
        "components": [_component(package) for _, package in sorted(linked.packages.items())],
        "dependencies": sorted(
            (
                {"ref": reference[key], "dependsOn": sorted(reference[it] for it in needed)}
                for key, needed in linked.edges.items()
            ),
            key=lambda it: it["ref"],
        ),
    }
    # The same number for the same content: a random one would differ in each build.
    document["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(document, sort_keys=True)).urn
    return (json.dumps(document, indent=2) + "\n").encode()


def _component(package):
    component = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "hashes": _hashes(package.checksum),
        "licenses": _licenses(package.license),
        "purl": package.purl,
    }
    if package.repository:
        component["externalReferences"] = [{"type": "vcs", "url": package.repository}]
    return component


def _hashes(sha256):
    return [{"alg": "SHA-256", "content": sha256}]


def _licenses(expression):
    return [{"expression": expression}]
