/** Where the layout changes: a rail with words, a slim one, a bar at the lower edge. The ranges never overlap. */
export const SLIM = "@media (min-width: 600.02px) and (max-width: 960px)";
export const NARROW = "@media (max-width: 600px)";

export const RAIL = "200px";
export const SLIM_RAIL = "76px";
