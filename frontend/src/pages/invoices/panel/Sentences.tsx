/** Sentences under a title: warnings, or how a line was worked out. */

import classes from '../invoices.module.css'

export function Sentences({ title, sentences }: { title: string; sentences: string[] }) {
  return (
    <section>
      <h3 className={classes.factsTitle}>{title}</h3>
      <ul className={classes.sentences}>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  )
}
