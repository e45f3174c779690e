-- Nobody asks the copy for the payments of a billing key, and keys lie anywhere in the alphabet: each page of a reading
-- wrote a good part of this index anew.
DROP INDEX payments_key;
