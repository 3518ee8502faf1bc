"""The schema that SageMaker's own SDK has for a model card, on standard output.

It runs in the environment of requirements.txt.
"""

import json

from sagemaker.core.shapes.model_card_shapes import ModelCardContent

if __name__ == "__main__":
    print(json.dumps(ModelCardContent.model_json_schema()))
