"""The collector goes by ids: nothing asks for the blobs touched last, and every save wrote the index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("drafts_core", "0003_words")]

    operations = [migrations.RemoveIndex(model_name="blob", name="blob_touched")]
