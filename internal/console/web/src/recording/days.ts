/** endOfDay is the last second of a day, as a date field writes it, where the person is. */
export function endOfDay(day: string): Date {
  return new Date(`${day}T23:59:59`);
}

/** dayOf is the day of a time where the person is, as a date field writes it. */
export function dayOf(time: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** tomorrow is the first day until whose end something can be kept that is not today. */
export function tomorrow(): string {
  const now = new Date();
  return dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1));
}
