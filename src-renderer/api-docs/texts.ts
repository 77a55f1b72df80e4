/** The words of the page about the port. */
export const apiDocsTexts = {
  title: 'The port',
  intro:
    'Everything the window can do, a script can do too. Send “Authorization: Bearer” with the secret of the token file, an API token, or an access token.',
  version: (version: string) => `Baton ${version}`,
  save: 'Save the OpenAPI document',
  find: 'Find a route',
  none: 'No route is about that.',
  groups: 'Groups',
  loading: 'Reading the description',
  failed: 'The description could not be read.',
  public: 'no login',
  parameters: 'Parameters',
  body: (type: string) => `Body, ${type}`,
  answer: (status: string, description: string) => `Answer ${status}${description === '' ? '' : `: ${description}`}`,
  required: 'required',
}
