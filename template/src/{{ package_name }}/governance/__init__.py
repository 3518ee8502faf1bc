"""What a team does with the contract and the data beside the pipeline: commands for people, none a stage."""
