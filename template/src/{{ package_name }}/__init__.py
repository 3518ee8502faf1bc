"""The pipeline, the server and the commands around them."""
