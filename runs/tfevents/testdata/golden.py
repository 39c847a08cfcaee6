"""Writes golden.tfevents by TensorBoard's own classes: the events that events_test.go makes.

    pip install tensorboard==2.21.0
    python runs/tfevents/testdata/golden.py
"""

import os

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2, summary_v2
from tensorboard.summary.writer.record_writer import RecordWriter


def scalars(**numbers):
    return summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=v) for tag, v in numbers.items()])


def started(parameters, **about):
    info = plugin_data_pb2.SessionStartInfo(start_time_secs=time, **about)
    for name, v in parameters.items():
        kind = {bool: "bool_value", float: "number_value", str: "string_value"}[type(v)]
        setattr(info.hparams[name], kind, v)
    return summary_v2._summary_pb(metadata.SESSION_START_INFO_TAG, plugin_data_pb2.HParamsPluginData(session_start_info=info))


def ended(status):
    info = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=time)
    return summary_v2._summary_pb(metadata.SESSION_END_INFO_TAG, plugin_data_pb2.HParamsPluginData(session_end_info=info))


time = 1767323045.25
restart = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
parameters = {"lr": 0.5, "nesterov": True, "centered": False, "method": "größe", "batch": 0.0}  # one each: the order of several is open
events = [
    event_pb2.Event(wall_time=time, file_version="brain.Event:2"),
    *[event_pb2.Event(wall_time=time, summary=started({name: v}, model_uri="/saved#adam/1", group_name="adam 12")) for name, v in parameters.items()],
    event_pb2.Event(wall_time=time, step=7, summary=scalars(**{"loss": 0.1, "class 1.loss": -3e-9, "größe": float("inf")})),
    event_pb2.Event(wall_time=time, step=1 << 40, summary=scalars(loss=0.0)),
    event_pb2.Event(wall_time=time, step=4, session_log=restart),
    event_pb2.Event(wall_time=time, summary=ended(api_pb2.STATUS_SUCCESS)),
    event_pb2.Event(wall_time=time, summary=ended(api_pb2.STATUS_FAILURE)),
    event_pb2.Event(wall_time=time, summary=ended(api_pb2.STATUS_UNKNOWN)),
]
with open(os.path.join(os.path.dirname(__file__), "golden.tfevents"), "wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString(deterministic=True))
