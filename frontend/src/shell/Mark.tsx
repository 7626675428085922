/** Two totals that are equal. */

export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="8" fill="#5b5bd6" />
      <path d="M9.5 12.5h13M9.5 19.5h13" stroke="#fff" strokeWidth="3.2" strokeLinecap="round" />
    </svg>
  )
}
