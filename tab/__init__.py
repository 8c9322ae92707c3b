"""The tab face: the HTTP interface of the tab, its event stream and its pages."""
