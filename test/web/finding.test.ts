import { expect, it } from 'vitest';
import { ofSaga } from '../../web/src/pages/overview/finding.js';

it('a saga is worth a look once instances of it are parked, and leads to these', () => {
  expect(ofSaga({ name: 'intake', instances: { active: 4, parked: 0 } })).toEqual([]);
  expect(ofSaga({ name: 'intake', instances: {} })).toEqual([]);
  expect(ofSaga({ name: 'a/b', instances: { parked: 2 } })).toMatchObject([
    {
      status: 'parked',
      name: 'a/b',
      text: '2 instances parked',
      href: '#/sagas/a%2Fb?status=parked',
    },
  ]);
});
