"""The functions of lambda.py, as somebody would deploy them."""
import os
import time


class UnknownDevice(Exception):
    pass


def echo(event, context):
    return event


def about(event, context):
    custom = context.client_context.custom if context.client_context else None
    return {"name": context.function_name, "arn": context.invoked_function_arn, "custom": custom}


def device_info(event, context):
    if event["deviceId"].startswith("dev-"):
        return {"owner": "acme", "model": "T-1000", "secret": "not selected"}
    raise UnknownDevice(event["deviceId"])


def raises(event, context):
    raise ValueError("no \u00fcmlaut")


def slow(event, context):
    time.sleep(60)


def leaves(event, context):
    os._exit(7)


def large(event, context):
    return "x" * event["bytes"]


def strange(event, context):
    return {1, 2}


def text(event, context):
    return "pl\u00e4in"


def nothing(event, context):
    return None


def number(event, context):
    return float("nan")
