import { createRoot } from "react-dom/client";
import { teams } from "../host/teams";
import { SignInDialog } from "../pages/sign-in/SignInDialog";
import { Entrance } from "../surface/Entrance";

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <Entrance host={teams} origin={location.origin}>
      <SignInDialog />
    </Entrance>,
  );
}
