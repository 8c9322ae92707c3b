import { useEffect, useState } from "react";
import { useLive, useProduct } from "../surface/product";

/** Whether this person may administer: the service is asked once, after the first page stands. */
export function useAdministers(): boolean {
  const { line } = useProduct();
  const open = useLive((state) => state.link === "open");
  const [administers, setAdministers] = useState<boolean | null>(null);
  useEffect(() => {
    if (!open || administers !== null) return;
    line.api.pbxs().then(
      () => setAdministers(true),
      () => setAdministers(false),
    );
  }, [line, open, administers]);
  return administers === true;
}
