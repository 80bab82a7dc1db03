import { useState } from "react";
import { useIdentity } from "../api/identity";
import { SignIn } from "../rooms/SignIn";
import { useTitle } from "../useTitle";
import { SwitchField } from "../ui/Field";
import { RecordingList } from "./RecordingList";

/** RecordingsPage lists the recordings that a person may see; to operators all, when they wish. */
export function RecordingsPage() {
  useTitle("Recordings");
  const { user } = useIdentity();
  return user ? <OwnRecordings operator={user.operator} /> : <SignIn />;
}

function OwnRecordings({ operator }: { operator: boolean }) {
  const [all, setAll] = useState(false);
  return (
    <>
      <h1>Recordings</h1>
      {operator && (
        <SwitchField label="All recordings of this installation" checked={all} onSwitch={setAll} />
      )}
      <RecordingList key={String(all)} all={all} />
    </>
  );
}
