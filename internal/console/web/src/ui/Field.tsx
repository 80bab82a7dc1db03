import { useId, type InputHTMLAttributes } from "react";
import type { Choice } from "../words";

type TextFieldProps = InputHTMLAttributes<HTMLInputElement> & { label: string; hint?: string };

/** TextField is a labelled line to type in. */
export function TextField({ label, hint, ...input }: TextFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} aria-describedby={hint ? `${id}-hint` : undefined} {...input} />
      {hint && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface ChoiceFieldProps<T> {
  label: string;
  choices: Choice<T>[];
  value: T;
  onChoose: (value: T) => void;
}

/** ChoiceField is a labelled list of which one is chosen; it explains the chosen one. */
export function ChoiceField<T>({ label, choices, value, onChoose }: ChoiceFieldProps<T>) {
  const id = useId();
  const index = choices.findIndex((choice) => choice.value === value);
  const choose = (position: number) => {
    const choice = choices[position];
    if (choice) onChoose(choice.value);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={index}
        aria-describedby={`${id}-hint`}
        onChange={(event) => choose(Number(event.target.value))}
      >
        {choices.map((choice, position) => (
          <option key={choice.label} value={position}>
            {choice.label}
          </option>
        ))}
      </select>
      <p className="field-hint" id={`${id}-hint`}>
        {choices[index]?.hint}
      </p>
    </div>
  );
}

type SwitchFieldProps = {
  label: string;
  checked: boolean;

  onSwitch: (on: boolean) => void;
};

/** SwitchField is a labelled on or off. */
export function SwitchField({ label, checked, onSwitch }: SwitchFieldProps) {
  return (
    <label className="switch">
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        onChange={(event) => onSwitch(event.target.checked)}
      />
      <span>{label}</span>
    </label>
  );
}
