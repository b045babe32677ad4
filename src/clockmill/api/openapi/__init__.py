"""The description of the API, in our own words: made from the routes and the components here."""
