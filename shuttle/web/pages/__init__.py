"""Pages for people, by audience. A route asks a question of the house and hands plain values to a template."""
