"""Pages, menu and graphics of the display."""
