"""A made-up service with every type the two protocols know, for what the five happen not to use."""

from __future__ import annotations

from redshare.wire.aws.model import Service, service_of


def sink(protocol: str) -> Service:
    return service_of(
        "sink",
        {
            "metadata": {
                "apiVersion": "1",
                "endpointPrefix": "sink",
                "protocol": protocol,
                "protocols": [protocol],
                "serviceId": "Sink",
                "signatureVersion": "v4",
                "xmlNamespace": "https://sink.example/",
                **({"jsonVersion": "1.1", "targetPrefix": "Sink"} if protocol == "json" else {}),
            },
            "operations": {
                "Sink": {
                    "name": "Sink",
                    "http": {"method": "POST", "requestUri": "/"},
                    "input": {"shape": "All"},
                    "output": {"shape": "All", "resultWrapper": "SinkResult"},
                },
                "Nothing": {"name": "Nothing", "http": {"method": "POST", "requestUri": "/"}},
                "Empty": {
                    "name": "Empty",
                    "http": {"method": "POST", "requestUri": "/"},
                    "input": {"shape": "None"},
                    "output": {"shape": "None", "resultWrapper": "EmptyResult"},
                },
            },
            "shapes": {
                "None": {"type": "structure", "members": {}},
                "All": {
                    "type": "structure",
                    "members": {
                        "Text": {"shape": "Text"},
                        "Renamed": {"shape": "Text", "locationName": "Other"},
                        "Boolean": {"shape": "Boolean"},
                        "Integer": {"shape": "Integer"},
                        "Long": {"shape": "Long"},
                        "Float": {"shape": "Float"},
                        "Double": {"shape": "Double"},
                        "Blob": {"shape": "Blob"},
                        "Time": {"shape": "Time"},
                        "Iso": {"shape": "Iso"},
                        "Rfc": {"shape": "Rfc"},
                        "Union": {"shape": "Union"},
                        "Named": {"shape": "Named"},
                        "Map": {"shape": "Map"},
                        "NamedMap": {"shape": "NamedMap"},
                        "Maps": {"shape": "Maps"},
                    },
                },
                "Text": {"type": "string"},
                "Boolean": {"type": "boolean"},
                "Integer": {"type": "integer"},
                "Long": {"type": "long"},
                "Float": {"type": "float"},
                "Double": {"type": "double"},
                "Blob": {"type": "blob", "max": 3},
                "Time": {"type": "timestamp"},
                "Iso": {"type": "timestamp", "timestampFormat": "iso8601"},
                "Rfc": {"type": "timestamp", "timestampFormat": "rfc822"},
                "Union": {
                    "type": "structure",
                    "union": True,
                    "members": {"Left": {"shape": "Text"}, "Right": {"shape": "Integer"}},
                },
                "Small": {"type": "structure", "members": {"Text": {"shape": "Text"}}},
                "Named": {"type": "list", "member": {"shape": "Small", "locationName": "Item"}},
                "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Small"}},
                "NamedMap": {
                    "type": "map",
                    "key": {"shape": "Text", "locationName": "Name"},
                    "value": {"shape": "Integer", "locationName": "Count"},
                    "max": 2,
                },
                "Maps": {"type": "list", "member": {"shape": "NamedMap"}},
            },
        },
    )
