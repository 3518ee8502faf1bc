"""The key of pseudonyms: how it looks in clear, and what it is called."""

import re

# Where it is on a laptop, in clear, and where a job finds it, encrypted, with the context for KMS.
VARIABLE = "PSEUDONYM_KEY"
ENCRYPTED_VARIABLE = f"{VARIABLE}_ENCRYPTED"
CONTEXT_VARIABLE = f"{VARIABLE}_CONTEXT"


def is_key(text: str) -> bool:
    """Whether a text is a key in clear: 32 bytes, as hexadecimal digits."""
    return re.fullmatch("[0-9a-fA-F]{64}", text) is not None
