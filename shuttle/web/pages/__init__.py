"""Pages for people, by audience. A route reads what the page shows and hands plain values to a template."""
