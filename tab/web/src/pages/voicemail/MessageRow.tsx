import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { CallRegular, ChevronUpRegular, DeleteRegular, PlayRegular } from "@fluentui/react-icons";
import type { Problem } from "../../api/problem";
import type { Voicemail } from "../../api/voicemail";
import { useRowStyles } from "../../lists/row-look";
import { Initials } from "../../surface/Initials";
import { useDesk, useProduct, useRooms } from "../../surface/product";
import { useNow } from "../../surface/time";
import { Player } from "./Player";

const useStyles = makeStyles({
  fresh: {
    display: "inline-block",
    width: "8px",
    height: "8px",
    marginInlineEnd: tokens.spacingHorizontalXS,
    borderRadius: tokens.borderRadiusCircular,
    backgroundColor: tokens.colorBrandForeground1,
  },
});

interface MessageRowProps {
  readonly message: Voicemail;
  readonly open: boolean;
  readonly onOpen: () => void;
  readonly onRemove: () => void;
  readonly onProblem: (problem: Problem | null) => void;
}

/** One recorded message; opened, it can be heard. */
export function MessageRow({ message, open, onOpen, onRemove, onProblem }: MessageRowProps) {
  const styles = useStyles();
  const rows = useRowStyles();
  const { line, language } = useProduct();
  const rooms = useRooms();
  const { voicemail } = rooms;
  const phoneId = useDesk((desk) => desk.phoneId);
  const now = useNow(60_000);
  const { name, number } = message.remote;
  const who = name || number || rooms.unknown;
  const folder = (voicemail.folders as Readonly<Record<string, string>>)[message.folder] ?? message.folder;
  const about = [folder, language.span(message.duration), name === "" ? "" : number, message.mailboxName];
  return (
    <>
      <div className={rows.row} data-message={message.id} data-folder={message.folder}>
        <Initials name={name} />
        <span className={rows.words}>
          <span className={rows.first} dir="auto" title={who}>
            {message.folder === "inbox" && <span className={styles.fresh} aria-hidden />}
            {who}
          </span>
          <span className={rows.second}>{about.filter((part) => part !== "").join(" · ")}</span>
        </span>
        <span className={rows.ends}>
          {message.startedAt != null && (
            <time className={rows.when} dateTime={message.startedAt}>
              {language.moment(Date.parse(message.startedAt), now)}
            </time>
          )}
          <RowButton
            icon={open ? <ChevronUpRegular /> : <PlayRegular />}
            label={voicemail.hear(who)}
            expanded={open}
            onClick={onOpen}
          />
          {number !== "" && (
            <RowButton
              icon={<CallRegular />}
              label={rooms.call(who)}
              onClick={() => void line.call(number, phoneId).then(onProblem)}
            />
          )}
          <RowButton icon={<DeleteRegular />} label={rooms.delete(who)} onClick={onRemove} />
        </span>
      </div>
      {open && <Player message={message} who={who} onProblem={onProblem} />}
    </>
  );
}

interface RowButtonProps {
  readonly icon: React.ReactElement;
  readonly label: string;
  readonly expanded?: boolean;
  readonly onClick: () => void;
}

function RowButton({ icon, label, expanded, onClick }: RowButtonProps) {
  return (
    <Button
      appearance="subtle"
      icon={icon}
      aria-label={label}
      title={label}
      aria-expanded={expanded}
      onClick={onClick}
    />
  );
}
