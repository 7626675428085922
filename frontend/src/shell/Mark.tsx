/** Two totals and what holds them together. */

export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="8" fill="#5b5bd6" />
      <path d="M9 11.5h14M9 20.5h14" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <circle cx="12" cy="16" r="1.7" fill="#fff" />
      <circle cx="20" cy="16" r="1.7" fill="#fff" />
    </svg>
  )
}
