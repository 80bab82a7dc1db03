import { useState } from "react";
import { TextField } from "../ui/Field";

interface NumberFieldProps {
  label: string;
  hint: string;
  most: number;
  value: number;
  onSave: (value: number) => void;
}

/** NumberField is a whole number from 0 on, saved when one leaves it or presses Enter. */
export function NumberField({ label, hint, most, value, onSave }: NumberFieldProps) {
  const [text, setText] = useState(String(value));
  const leave = () => {
    if (text !== "" && Number(text) !== value) onSave(Number(text));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        leave();
      }}
    >
      <TextField
        label={label}
        hint={hint}
        type="number"
        min={0}
        max={most}
        step={1}
        inputMode="numeric"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={leave}
      />
    </form>
  );
}
