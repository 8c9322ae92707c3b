"""Stand-ins for what cannot be had on a developer machine: each speaks its real protocol over a real socket."""
