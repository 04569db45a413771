"""The thin skin: the only package that knows Flask and WTForms, one folder for each user group."""
