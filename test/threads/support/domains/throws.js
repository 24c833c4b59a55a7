throw new Error('a mistake at import');
