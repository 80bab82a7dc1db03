import {
  ProcessingStatus,
  RecordingAudience,
  RecordingMode,
  RecordingPolicy,
  RecordingRole,
  RecordingStatus,
  type Recording,
  type RecordingAccess,
} from "@anteroom/client/recording";
import { timestampDate, type Duration, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { Choice } from "../words";

/** What can be recorded of everybody. */
export const roomModes: Choice<RecordingMode>[] = [
  { value: RecordingMode.SCREEN, label: "Picture and sound", hint: "One video of everybody together" },
  { value: RecordingMode.AUDIO, label: "Sound", hint: "One file with everybody's voice" },
  { value: RecordingMode.TRACKS, label: "Each voice apart", hint: "A file for each person, for transcripts" },
];

/** What can be recorded when somebody says so. */
export const modes: Choice<RecordingMode>[] = [
  ...roomModes,
  { value: RecordingMode.PARTICIPANT, label: "One person", hint: "The sound of one person alone" },
];

/** When a room is recorded. */
export const policies: Choice<RecordingPolicy>[] = [
  { value: RecordingPolicy.OFF, label: "Never", hint: "Nobody can record this room" },
  {
    value: RecordingPolicy.MANUAL,
    label: "When a host starts it",
    hint: "Admins and owners start and stop it",
  },
  {
    value: RecordingPolicy.AUTOMATIC,
    label: "By itself",
    hint: "It starts when somebody is in; a host can stop it for that meeting",
  },
  {
    value: RecordingPolicy.COMPLIANCE,
    label: "Always",
    hint: "From the first person on, and nobody can stop it",
  },
];

/** Who sees recordings, besides those who started them. */
export const audiences: Choice<RecordingAudience>[] = [
  { value: RecordingAudience.OWNERS, label: "Owners", hint: "The room's owners" },
  { value: RecordingAudience.MEMBERS, label: "People with access", hint: "Whoever has a role on the room" },
  {
    value: RecordingAudience.ATTENDEES,
    label: "Everybody who was there",
    hint: "Those too who were in and had signed in",
  },
];

/** The roles that an access to a recording can give. */
export const recordingRoles: Choice<RecordingRole>[] = [
  { value: RecordingRole.MEMBER, label: "Member", hint: "Plays it" },
  { value: RecordingRole.ADMIN, label: "Admin", hint: "Also saves it and lets others see it" },
  { value: RecordingRole.OWNER, label: "Owner", hint: "Also deletes it and says how long it is kept" },
];

/** recordingRoleName is the word for a role on a recording. */
export function recordingRoleName(role: RecordingRole): string {
  return recordingRoles.find(({ value }) => value === role)?.label ?? "No access";
}

/** modeName is the word for what is recorded. */
export function modeName(mode: RecordingMode): string {
  return modes.find(({ value }) => value === mode)?.label ?? "Recording";
}

const statuses: Record<RecordingStatus, string> = {
  [RecordingStatus.UNSPECIFIED]: "Unknown",
  [RecordingStatus.STARTING]: "Starting",
  [RecordingStatus.ACTIVE]: "Recording",
  [RecordingStatus.STOPPING]: "Ending",
  [RecordingStatus.COMPLETED]: "Complete",
  [RecordingStatus.LIMIT_REACHED]: "Complete, at its limit",
  [RecordingStatus.FAILED]: "Broke off",
  [RecordingStatus.ABORTED]: "Broken off",
  [RecordingStatus.FAILED_TO_START]: "Did not start",
};

/** statusName is the word for how far a recording is. */
export function statusName({ status, availableTime, expiredTime }: Recording): string {
  if (expiredTime) return "Expired";
  return endedWell(status) && !availableTime ? "Being saved" : statuses[status];
}

/** isLive tells whether a recording is being made. */
export function isLive(status: RecordingStatus): boolean {
  return [RecordingStatus.STARTING, RecordingStatus.ACTIVE, RecordingStatus.STOPPING].includes(status);
}

/** endedWell tells whether there is, or will be, something to play. */
export function endedWell(status: RecordingStatus): boolean {
  return status === RecordingStatus.COMPLETED || status === RecordingStatus.LIMIT_REACHED;
}

/** isWorthKeeping tells whether a recording has something in it, or will have. */
export function isWorthKeeping({ status, availableTime }: Recording): boolean {
  return isLive(status) || endedWell(status) || availableTime !== undefined;
}

const errors: Record<string, string> = {
  nobody_to_record: "Nobody sent picture or sound that could be recorded.",
  participant_gone: "The person to be recorded was not there any more.",
  recorder_disk: "The recorder has no room left on its disk. An operator has to look at it.",
  upload_failed: "The file could not be saved. An operator has to look at the store.",
  recorder_failed: "The recorder had a fault.",
  no_recorder: "No recorder is there. Try again in a minute, or ask an operator.",
  recorder_no_answer: "The recorder did not answer.",
  recorder_lost: "The recorder went away in the middle.",
  stopped_early: "It was stopped before it began.",
  file_missing: "Its file never arrived in the store.",
  provider_without_recorder: "The video server of this room does not record.",
  provider_refused: "The video server refused to record.",
  provider_unavailable: "The video server could not be reached.",
};

/** whyEnded says why a recording ended badly; empty when it did not. */
export function whyEnded(status: RecordingStatus, error: string): string {
  if (isLive(status) || endedWell(status)) return "";
  return (Object.hasOwn(errors, error) && errors[error]) || "The recorder did not say why.";
}

/** howEnded says to those in the room how their recording ended. */
export function howEnded(status: RecordingStatus, error: string): string {
  const why = whyEnded(status, error);
  switch (status) {
    case RecordingStatus.COMPLETED:
      return "The recording has ended.";
    case RecordingStatus.LIMIT_REACHED:
      return "The recording has ended: it was as long as it may be.";
    case RecordingStatus.FAILED_TO_START:
      return `The recording did not start. ${why}`;
    default:
      return `The recording broke off. ${why}`;
  }
}

/** whatIsRecorded says to those in the room what goes on. */
export function whatIsRecorded(mode: RecordingMode, status: RecordingStatus): string {
  if (status === RecordingStatus.STARTING) return "The recording is starting…";
  if (status === RecordingStatus.STOPPING) return "The recording is ending…";
  switch (mode) {
    case RecordingMode.AUDIO:
      return "The sound is being recorded";
    case RecordingMode.TRACKS:
      return "Everybody's sound is being recorded";
    case RecordingMode.PARTICIPANT:
      return "One person's sound is being recorded";
    default:
      return "Picture and sound are being recorded";
  }
}

const processingNames: Record<ProcessingStatus, string> = {
  [ProcessingStatus.UNSPECIFIED]: "Unknown",
  [ProcessingStatus.RUNNING]: "At work",
  [ProcessingStatus.DONE]: "Done",
  [ProcessingStatus.FAILED]: "Gave up",
};

/** processingName is the word for how far a processor is. */
export function processingName(status: ProcessingStatus): string {
  return processingNames[status];
}

/** ownersText names who owns a recording; several are counted. */
export function ownersText({ owners, ownerCount }: Pick<Recording, "owners" | "ownerCount">): string {
  if (ownerCount === 0) return "No owner yet";
  if (ownerCount === 1) return owners[0] || "1 owner";
  const more = ownerCount - owners.length;
  const named = owners.join(", ");
  return `${ownerCount} owners: ${more > 0 ? `${named} and ${more} more` : named}`;
}

/** accessName is who an access to a recording is for. */
export function accessName({ everyone, email, user }: RecordingAccess): string {
  return everyone ? "Everybody who was there" : email || user;
}

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** recordedAt says when a recording began, or was asked for where it never did. */
export function recordedAt({ startTime, createTime }: Pick<Recording, "startTime" | "createTime">): string {
  const time = startTime ?? createTime;
  return time ? moment.format(timestampDate(time)) : "";
}

/** momentText is a time for people, in their own time zone; empty for none. */
export function momentText(time: Timestamp | undefined): string {
  return time ? moment.format(timestampDate(time)) : "";
}

/** keptText says until when something is kept. */
export function keptText(expireTime: Timestamp | undefined): string {
  return expireTime ? `Kept until ${day.format(timestampDate(expireTime))}` : "Kept for ever";
}

/** clockText is a duration in seconds as a player shows it: 1:02:03. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** durationText is how long a recording is; empty when that is not known. */
export function durationText(duration: Duration | undefined): string {
  if (!duration) return "";
  return clockText(Math.max(1, Math.round(Number(duration.seconds) + duration.nanos / 1e9)));
}

/** sizeText is a number of bytes for people; empty for 0, which is not known. */
export function sizeText(bytes: bigint): string {
  if (bytes === 0n) return "";
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  const unit = Math.min(Math.floor(Math.log10(Number(bytes)) / 3), units.length - 1);
  const value = Number(bytes) / 1000 ** unit;
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ""}`;
}
