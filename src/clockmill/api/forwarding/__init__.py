"""Sends requests on to the node that can answer them."""
