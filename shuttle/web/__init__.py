"""Pages and API: thin. A route translates a request into an act or a question, and the answer into bytes."""
