"""Calls the service through the vendor's Python SDK and prints its response as one line of JSON.

Usage: call.py CONFIGURATION.json TOKEN_ID v2|v3, with the root certificate to trust in SANDBOX_ROOT.
"""

import json
import os
import sys
from importlib.metadata import version as installed
from types import SimpleNamespace

import certifi
import pkg_resources

# The SDK trusts the certificates of this list and no others.
certifi.where = lambda: os.environ["SANDBOX_ROOT"]

# The SDK asks for its own version in a way that fails wherever a package's name has a dot in it.
pkg_resources.require = lambda name: [SimpleNamespace(version=installed(name))]

from CyberSource import NetworkTokensApi, PostPaymentCredentialsRequest  # noqa: E402
from CyberSource.rest import ApiException  # noqa: E402


def main() -> None:
    configuration_file, token_id, version = sys.argv[1:]
    with open(configuration_file, encoding="utf-8") as file:
        configuration = json.load(file)
    api = NetworkTokensApi(configuration)
    wish = PostPaymentCredentialsRequest(
        payment_credential_type="CRYPTOGRAM", transaction_type="ECOM"
    )
    # The request must be plain JSON; the SDK's own samples drop absent members this way.
    body = {name: value for name, value in {
        "paymentCredentialType": wish.payment_credential_type,
        "transactionType": wish.transaction_type,
    }.items() if value is not None}
    call = {
        "v2": api.post_token_payment_credentials,
        "v3": api.post_token_payment_credentials_v3,
    }[version]
    try:
        call(token_id, json.dumps(body))
        # It returns JSON as the text of a Python object, and v3 a JWE as an empty object. This is
        # what it made them of.
        print(json.dumps({"body": api.api_client.last_response.data}))
    except ApiException as refused:
        body = refused.body
        body = body.decode() if isinstance(body, bytes) else body
        print(json.dumps({"body": body, "error": str(refused)}))
    except Exception as failure:
        print(json.dumps({"error": repr(failure)}))


main()
