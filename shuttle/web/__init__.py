"""Web pages, API and feeds: thin. A route translates a request into a call of a service, and its result into bytes."""
