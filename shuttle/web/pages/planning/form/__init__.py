"""The form of a scenario: inputs as text, their view, and the pages that read them."""
