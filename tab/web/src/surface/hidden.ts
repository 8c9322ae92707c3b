import { makeStyles } from "@fluentui/react-components";

/** For what is only heard: there for screen readers, out of sight for everybody else. */
export const useHiddenStyles = makeStyles({
  hidden: {
    position: "absolute",
    width: "1px",
    height: "1px",
    margin: 0,
    overflow: "hidden",
    clipPath: "inset(50%)",
    whiteSpace: "nowrap",
  },
});
