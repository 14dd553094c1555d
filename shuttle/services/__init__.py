"""What people do: one function per act. It asks whether they may, does things in order, and leaves one transaction."""
