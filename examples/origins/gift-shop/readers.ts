import { defineHandler, defineView, only } from 'troupe';
import { giftCard, order } from './domain.js';

/** A projector of Chekov's shop: its orders. */
export const orders = defineView({
  name: 'orders',
  version: 1,
  on: [order],
  key: (event) => event.id,
  initial: { user: '', status: 'placed' as 'placed' | 'validated' | 'cancelled', cents: 0 },
  columns: { user: 'text', status: 'text', cents: 'bigint' },
  evolve(document, event) {
    switch (event.type) {
      case 'placed':
        return { ...document, user: event.data.user };
      case 'added':
        return { ...document, cents: document.cents + event.data.amount * event.data.cents };
      default:
        return { ...document, status: event.type };
    }
  },
});

/** Another one, over two aggregates: each card, and how often it is in an order. */
export const cards = defineView({
  name: 'cards',
  version: 1,
  on: [giftCard, only(order, 'added')],
  key: (event) => (event.type === 'printed' ? event.id : event.data.card),
  initial: { name: '', cents: 0, ordered: 0 },
  columns: { ordered: 'integer' },
  evolve: (document, event) =>
    event.type === 'printed'
      ? { ...document, ...event.data }
      : { ...document, ordered: document.ordered + event.data.amount },
});

/** An event handler that sends a command: who orders for more than a hundred euros gets a card of their own. */
export const thanks = defineHandler({
  name: 'thanks',
  version: 1,
  on: [only(order, 'validated')],
  async handle({ id, data }, context) {
    if (data.cents < 100_00) return;
    const card = { name: 'Thank you', cents: 5_00 };
    await context.send(giftCard, `thanks-${id}`, { type: 'print', data: card });
  },
});
