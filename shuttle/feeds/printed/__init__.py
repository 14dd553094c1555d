"""Documents for print: the poster, the ridership report and the council's page."""
