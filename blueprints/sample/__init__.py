"""The sample: twelve targets to look around with, as a blueprint whose readings are made up."""
