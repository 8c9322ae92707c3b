/** Where the layout changes: a rail with words, a slim one, a bar at the lower edge. */
export const SLIM = "@media (max-width: 960px)";
export const NARROW = "@media (max-width: 600px)";

export const RAIL = "200px";
export const SLIM_RAIL = "76px";
