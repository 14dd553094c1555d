"""Pages for people, by audience. A route reads the values of a page and renders a template with them."""
