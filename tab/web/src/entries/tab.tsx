import { createRoot } from "react-dom/client";
import { App } from "../App";
import { teams } from "../host/teams";
import { Entrance } from "../surface/Entrance";

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <Entrance host={teams} origin={location.origin}>
      <App />
    </Entrance>,
  );
}
